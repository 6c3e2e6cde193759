"""The lists of EXIF tags that go along with a photo; what is on no list stays behind.

Maker notes, thumbnails, sizes and positions in pixels are on none: they speak of the file the camera wrote, or break
when they move.
"""

from typing import Final, NamedTuple

from photopipe.resize.exif_block import ASCII, BYTE, RATIONAL, SHORT, SRATIONAL, UNDEFINED


class Welcome(NamedTuple):
    """A tag that is kept, and the type it must have."""

    name: str
    tag: int
    type: int


MAIN_TAGS: Final = (
    Welcome("ImageDescription", 270, ASCII),
    Welcome("Make", 271, ASCII),
    Welcome("Model", 272, ASCII),
    Welcome("DateTime", 306, ASCII),
    Welcome("Artist", 315, ASCII),
    Welcome("Rating", 18246, SHORT),
    Welcome("Copyright", 33432, ASCII),
    Welcome("XPTitle", 40091, BYTE),
    Welcome("XPComment", 40092, BYTE),
    Welcome("XPAuthor", 40093, BYTE),
    Welcome("XPKeywords", 40094, BYTE),
    Welcome("XPSubject", 40095, BYTE),
)
EXIF_TAGS: Final = (
    Welcome("ExposureTime", 33434, RATIONAL),
    Welcome("FNumber", 33437, RATIONAL),
    Welcome("ExposureProgram", 34850, SHORT),
    Welcome("PhotographicSensitivity", 34855, SHORT),
    Welcome("SensitivityType", 34864, SHORT),
    Welcome("DateTimeOriginal", 36867, ASCII),
    Welcome("DateTimeDigitized", 36868, ASCII),
    Welcome("OffsetTime", 36880, ASCII),
    Welcome("OffsetTimeOriginal", 36881, ASCII),
    Welcome("OffsetTimeDigitized", 36882, ASCII),
    Welcome("ShutterSpeedValue", 37377, SRATIONAL),
    Welcome("ApertureValue", 37378, RATIONAL),
    Welcome("BrightnessValue", 37379, SRATIONAL),
    Welcome("ExposureBiasValue", 37380, SRATIONAL),
    Welcome("MaxApertureValue", 37381, RATIONAL),
    Welcome("SubjectDistance", 37382, RATIONAL),
    Welcome("MeteringMode", 37383, SHORT),
    Welcome("LightSource", 37384, SHORT),
    Welcome("Flash", 37385, SHORT),
    Welcome("FocalLength", 37386, RATIONAL),
    Welcome("UserComment", 37510, UNDEFINED),
    Welcome("SubSecTime", 37520, ASCII),
    Welcome("SubSecTimeOriginal", 37521, ASCII),
    Welcome("SubSecTimeDigitized", 37522, ASCII),
    Welcome("ExposureMode", 41986, SHORT),
    Welcome("WhiteBalance", 41987, SHORT),
    Welcome("DigitalZoomRatio", 41988, RATIONAL),
    Welcome("FocalLengthIn35mmFilm", 41989, SHORT),
    Welcome("SceneCaptureType", 41990, SHORT),
    Welcome("LensSpecification", 42034, RATIONAL),
    Welcome("LensMake", 42035, ASCII),
    Welcome("LensModel", 42036, ASCII),
)
"""What `public` keeps. Source of names, numbers and types: CIPA DC-008 (Exif 2.32), 4.6; Microsoft's for `XP` tags."""

PRIVATE_MAIN_TAGS: Final = (
    Welcome("Software", 305, ASCII),
    Welcome("HostComputer", 316, ASCII),
    Welcome("UniqueCameraModel", 50708, ASCII),
    Welcome("CameraSerialNumber", 50735, ASCII),
)
PRIVATE_EXIF_TAGS: Final = (
    Welcome("SpectralSensitivity", 34852, ASCII),
    Welcome("AmbientTemperature", 37888, SRATIONAL),
    Welcome("Humidity", 37889, RATIONAL),
    Welcome("Pressure", 37890, RATIONAL),
    Welcome("WaterDepth", 37891, SRATIONAL),
    Welcome("Acceleration", 37892, RATIONAL),
    Welcome("CameraElevationAngle", 37893, SRATIONAL),
    Welcome("FlashEnergy", 41483, RATIONAL),
    Welcome("ExposureIndex", 41493, RATIONAL),
    Welcome("SensingMethod", 41495, SHORT),
    Welcome("FileSource", 41728, UNDEFINED),
    Welcome("SceneType", 41729, UNDEFINED),
    Welcome("CustomRendered", 41985, SHORT),
    Welcome("GainControl", 41991, SHORT),
    Welcome("Contrast", 41992, SHORT),
    Welcome("Saturation", 41993, SHORT),
    Welcome("Sharpness", 41994, SHORT),
    Welcome("SubjectDistanceRange", 41996, SHORT),
    Welcome("ImageUniqueID", 42016, ASCII),
    Welcome("CameraOwnerName", 42032, ASCII),
    Welcome("BodySerialNumber", 42033, ASCII),
    Welcome("LensSerialNumber", 42037, ASCII),
)
GPS_TAGS: Final = (
    Welcome("GPSVersionID", 0, BYTE),
    Welcome("GPSLatitudeRef", 1, ASCII),
    Welcome("GPSLatitude", 2, RATIONAL),
    Welcome("GPSLongitudeRef", 3, ASCII),
    Welcome("GPSLongitude", 4, RATIONAL),
    Welcome("GPSAltitudeRef", 5, BYTE),
    Welcome("GPSAltitude", 6, RATIONAL),
    Welcome("GPSTimeStamp", 7, RATIONAL),
    Welcome("GPSSatellites", 8, ASCII),
    Welcome("GPSStatus", 9, ASCII),
    Welcome("GPSMeasureMode", 10, ASCII),
    Welcome("GPSDOP", 11, RATIONAL),
    Welcome("GPSSpeedRef", 12, ASCII),
    Welcome("GPSSpeed", 13, RATIONAL),
    Welcome("GPSTrackRef", 14, ASCII),
    Welcome("GPSTrack", 15, RATIONAL),
    Welcome("GPSImgDirectionRef", 16, ASCII),
    Welcome("GPSImgDirection", 17, RATIONAL),
    Welcome("GPSMapDatum", 18, ASCII),
    Welcome("GPSDestLatitudeRef", 19, ASCII),
    Welcome("GPSDestLatitude", 20, RATIONAL),
    Welcome("GPSDestLongitudeRef", 21, ASCII),
    Welcome("GPSDestLongitude", 22, RATIONAL),
    Welcome("GPSDestBearingRef", 23, ASCII),
    Welcome("GPSDestBearing", 24, RATIONAL),
    Welcome("GPSDestDistanceRef", 25, ASCII),
    Welcome("GPSDestDistance", 26, RATIONAL),
    Welcome("GPSProcessingMethod", 27, UNDEFINED),
    Welcome("GPSAreaInformation", 28, UNDEFINED),
    Welcome("GPSDateStamp", 29, ASCII),
    Welcome("GPSDifferential", 30, SHORT),
    Welcome("GPSHPositioningError", 31, RATIONAL),
)
"""What only `keep` keeps: who owns which device, where it was, and what names the single photo."""
