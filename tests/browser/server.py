"""Starts the app as the README says, and ends it as a person would."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Server:
    """`streamlit run app.py` on a free port of this machine."""

    def __init__(self, *prefix: str, home: Path | None = None) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="ganviz-home-"))
        """Where its runs are kept; another server may go on with them, if it was given."""
        self._passing = home is None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        options = ["--server.port", str(self.port), "--server.address", "127.0.0.1"]
        options += ["--server.headless", "true"]
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "streamlit", "run", "app.py", *options],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "GANVIZ_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # A pipe that nobody reads fills, and then the server waits for ever.
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        deadline = time.monotonic() + 60
        while not self._healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.stop()}")
            time.sleep(0.1)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError):
            return False

    def interrupt(self, timeout: float = 20) -> tuple[int, str]:
        """Ctrl-C; gives the exit code and all output."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout)
        return code, self._output()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self._output()

    def stop(self) -> str:
        """End it, whatever it takes; gives all output."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self._passing:
            shutil.rmtree(self.home, ignore_errors=True)
        return self._output()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self._lines.extend(output)

    def _output(self) -> str:
        self._reader.join()
        return "".join(self._lines)
