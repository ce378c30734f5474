.PHONY: run check lint test messages

run:
	streamlit run app.py

check: lint test

lint:
	ruff check .
	ruff format --check .
	mypy
	lint-imports

test:
	pytest

messages:
	python -m tests.catalogue
