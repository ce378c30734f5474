"""Images of one's own, from a folder or a zip."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from torch import Tensor

from ganviz.datasets.base import DATASETS, DataError, Remembered, Upload
from ganviz.datasets.image_decoding import BEGINNING, KINDS, Frame, decoded, is_image
from ganviz.datasets.image_depth import in_one_unit
from ganviz.datasets.image_listing import Listing, Read, find
from ganviz.datasets.samplers import in_rounds, split, without_repetition
from ganviz.registry import Label
from ganviz.say import Message, Text, _, _n, joined, listed
from ganviz.store.data import shown
from ganviz.target import Target

LEAST_IMAGES = 10

MAX_IMAGES = 50_000
"""Of more files, this many are kept, evenly spaced in the order of their names."""

MAX_FILE_BYTES = 64 * 1024 * 1024

_SUFFIXES = {".png", ".jpg", ".jpeg", ".jfif", ".jpe", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
"""What is called so and is no image is damaged, and no other kind of file."""

_NAMED = 6
"""How many files a note names."""


def _shape(options: Mapping[str, Any]) -> tuple[int, ...]:
    side = int(options["size"])
    return (3 if options["colour"] == "colour" else 1, side, side)


@DATASETS.register(
    "Your images",
    shape=_shape,
    size=None,
    needs="file",
    upload=Upload(_("Upload a zip of images"), "path", ("zip",), 500),
)
def images(
    *,
    path: Annotated[str, Label("Path of a folder or zip")] = "",
    size: Annotated[Literal["8", "16", "32", "64"], Label("Pixels a side")] = "32",
    colour: Annotated[Literal["grey", "colour"], Label("Colours")] = "colour",
) -> Target:
    """Images of your own from a folder or a zip, a fifth of them held out.

    Folders in it count too, and so does every frame of a film or a stack; what is an image is told
    by its content, not its name. The middle square of each is brought to one size, with pixels in
    [0, 1] and white behind what is transparent. Values of 8 bits keep 0 to 255; deeper ones are
    scaled by the range of the whole set. At most 50,000 images are kept. What cannot be read is
    counted, named and left out. A batch repeats none as long as there are enough.

    Args:
        path: a folder, or a .zip, on the machine that this app runs on; what was uploaded is
            named by a hash of its content.
        size: pixels along each side.
        colour: one grey channel, or red, green and blue.

    Raises:
        DataError: if fewer than 10 images can be read, they have no contrast, or the zip is unsafe;
            the text says why.
    """
    pixels, notes = _read(find(path), int(size), colour == "grey")
    training, held_out = split(pixels)
    return Target(
        in_rounds(training),
        (pixels.shape[1], pixels.shape[2], pixels.shape[3]),
        shift=0.5,
        scale=0.5,
        held_out=in_rounds(held_out),
        size=len(training),
        distinct=without_repetition(training),
        held_out_size=len(held_out),
        notes=notes,
    )


def _read_images(listing: Listing, size: int, grey: bool) -> tuple[Tensor, tuple[Message, ...]]:
    """Images of shape `(n, channels, size, size)` for `in_floats`, and what was done to them."""
    found = _Found()
    with listing.opened() as read:
        names = found.images_among(listing, read)
        listing.refuse_bomb(names)
        for name in names:
            found.add(name, read, size, grey)
    notes = (*listing.notes, *found.notes())
    if len(found.frames) < LEAST_IMAGES:
        raise _too_few(listing, len(found.frames), notes)
    try:
        pixels, scaling = in_one_unit(found.frames, 1 if grey else 3)
    except DataError as error:
        said = _("{file}: {why}.", file=shown(listing.path), why=error.message)
        raise DataError(joined([said, *notes])) from None
    notes = (*notes, *scaling)
    if len(pixels) < LEAST_IMAGES:
        raise _too_few(listing, len(pixels), notes)
    return pixels, notes


_read = Remembered(_read_images, entries=2)


class _Found:
    """Images as they are read, and what there is to say of them."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._passed_over: list[str] = []
        self._left_out: dict[Text, list[str]] = {}
        self._thinned: Message | None = None
        self._films: list[Message] = []

    def images_among(self, listing: Listing, read: Read) -> list[str]:
        """The names of files that begin as images do, whatever they are called, and of those that
        are called images."""
        names: list[str] = []
        for name in listing.names:
            try:
                wanted = is_image(read(name, BEGINNING)) or _called_image(name)
            except DataError as error:
                self._leave_out(name, error)
                continue
            (names if wanted else self._passed_over).append(name)
        if len(names) <= MAX_IMAGES:
            return names
        self._thinned = _(
            "{kept:,} of {images:,} images are kept, evenly spaced by name.",
            kept=MAX_IMAGES,
            images=len(names),
        )
        return [names[k * len(names) // MAX_IMAGES] for k in range(MAX_IMAGES)]

    def add(self, name: str, read: Read, size: int, grey: bool) -> None:
        """Take up what one file holds, as long as there is room."""
        try:
            if len(self.frames) >= MAX_IMAGES:
                raise DataError(_("after {most:,} images", most=MAX_IMAGES))
            data = read(name, MAX_FILE_BYTES + 1)
            if len(data) > MAX_FILE_BYTES:
                raise DataError(_("more than {most} MB", most=MAX_FILE_BYTES // 1024**2))
            frames, more = decoded(data, size, grey)
        except DataError as error:
            self._leave_out(name, error)
            return
        room = MAX_IMAGES - len(self.frames)
        self.frames += frames[:room]
        if len(frames) > 1:
            count, film = min(len(frames), room), _printable(name)
            if more or len(frames) > room:
                self._films.append(_("{file} (the first {count:,})", file=film, count=count))
            else:
                self._films.append(_("{file} ({count:,})", file=film, count=count))

    def notes(self) -> Iterator[Message]:
        """Sentences."""
        if self._thinned:
            yield self._thinned
        if self._passed_over:
            yield _(
                "{count:,} passed over (no {kinds}): {names}.",
                count=len(self._passed_over),
                kinds=KINDS,
                names=_named(list(map(_printable, self._passed_over))),
            )
        for why, names in self._left_out.items():
            yield _(
                "{count:,} left out ({why}): {names}.",
                count=len(names),
                why=why,
                names=_named(list(map(_printable, names))),
            )
        if self._films:
            yield _(
                "Every frame of a film or a stack is an image: {names}.", names=_named(self._films)
            )

    def _leave_out(self, name: str, why: DataError) -> None:
        self._left_out.setdefault(why.message, []).append(name)


def _too_few(listing: Listing, count: int, notes: Sequence[Message]) -> DataError:
    if count:
        start = _n(
            "{file} has {n} image that can be read, and at least {least} are needed.",
            "{file} has {n} images that can be read, and at least {least} are needed.",
            count,
            file=shown(listing.path),
            least=LEAST_IMAGES,
        )
    else:
        start = _(
            "{file} has no images that can be read, and at least {least} are needed.",
            file=shown(listing.path),
            least=LEAST_IMAGES,
        )
    return DataError(joined([start, *notes]))


def _called_image(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _SUFFIXES


def _named(names: Sequence[Text]) -> Text:
    shown = listed(names[:_NAMED])
    if len(names) <= _NAMED:
        return shown
    return _("{names} and {more:,} more", names=shown, more=len(names) - _NAMED)


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in name)
