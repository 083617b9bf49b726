"""An upload is kept in memory that has no name on any disk until it is encrypted."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from microrelief.errors import PhotoTooLarge
from microrelief.imaging.photo.read import nameless_file


class NamelessUpload(FileUploadHandler):
    """Django's own handlers would write a large one into /tmp, or drop it without a word."""

    def new_file(self, *args: object, **kwargs: object) -> None:
        """A part with a file begins."""
        super().new_file(*args, **kwargs)  # type: ignore[arg-type]
        self._file, self._size = nameless_file(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Raises PhotoTooLarge."""
        self._size += len(raw_data)
        if self._size > settings.UPLOAD_BYTES:
            self._file.close()
            most = settings.UPLOAD_BYTES >> 20
            says = f"it is larger than {most} MB, the most that is taken; nothing was kept"
            raise PhotoTooLarge("The photograph", says)
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        """The file, from its start."""
        self._file.seek(0)
        return UploadedFile(
            self._file,
            self.file_name,
            self.content_type,
            self._size,
            self.charset,
            self.content_type_extra,
        )
