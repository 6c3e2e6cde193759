"""The EXIF tags that are kept; what is on no list is left out.

Maker notes, thumbnails, sizes and positions in pixels are on none: they describe the file the camera wrote, or break
when they are moved.
"""

from typing import Final, NamedTuple

from photopipe.resize.metadata.exif_block import ASCII, BYTE, RATIONAL, SHORT, SRATIONAL, UNDEFINED


class AllowedTag(NamedTuple):
    """A tag that is kept, and the type it must have."""

    name: str
    tag: int
    type: int


MAIN_TAGS: Final = (
    AllowedTag("ImageDescription", 270, ASCII),
    AllowedTag("Make", 271, ASCII),
    AllowedTag("Model", 272, ASCII),
    AllowedTag("DateTime", 306, ASCII),
    AllowedTag("Artist", 315, ASCII),
    AllowedTag("Rating", 18246, SHORT),
    AllowedTag("Copyright", 33432, ASCII),
    AllowedTag("XPTitle", 40091, BYTE),
    AllowedTag("XPComment", 40092, BYTE),
    AllowedTag("XPAuthor", 40093, BYTE),
    AllowedTag("XPKeywords", 40094, BYTE),
    AllowedTag("XPSubject", 40095, BYTE),
)
EXIF_TAGS: Final = (
    AllowedTag("ExposureTime", 33434, RATIONAL),
    AllowedTag("FNumber", 33437, RATIONAL),
    AllowedTag("ExposureProgram", 34850, SHORT),
    AllowedTag("PhotographicSensitivity", 34855, SHORT),
    AllowedTag("SensitivityType", 34864, SHORT),
    AllowedTag("DateTimeOriginal", 36867, ASCII),
    AllowedTag("DateTimeDigitized", 36868, ASCII),
    AllowedTag("OffsetTime", 36880, ASCII),
    AllowedTag("OffsetTimeOriginal", 36881, ASCII),
    AllowedTag("OffsetTimeDigitized", 36882, ASCII),
    AllowedTag("ShutterSpeedValue", 37377, SRATIONAL),
    AllowedTag("ApertureValue", 37378, RATIONAL),
    AllowedTag("BrightnessValue", 37379, SRATIONAL),
    AllowedTag("ExposureBiasValue", 37380, SRATIONAL),
    AllowedTag("MaxApertureValue", 37381, RATIONAL),
    AllowedTag("SubjectDistance", 37382, RATIONAL),
    AllowedTag("MeteringMode", 37383, SHORT),
    AllowedTag("LightSource", 37384, SHORT),
    AllowedTag("Flash", 37385, SHORT),
    AllowedTag("FocalLength", 37386, RATIONAL),
    AllowedTag("UserComment", 37510, UNDEFINED),
    AllowedTag("SubSecTime", 37520, ASCII),
    AllowedTag("SubSecTimeOriginal", 37521, ASCII),
    AllowedTag("SubSecTimeDigitized", 37522, ASCII),
    AllowedTag("ExposureMode", 41986, SHORT),
    AllowedTag("WhiteBalance", 41987, SHORT),
    AllowedTag("DigitalZoomRatio", 41988, RATIONAL),
    AllowedTag("FocalLengthIn35mmFilm", 41989, SHORT),
    AllowedTag("SceneCaptureType", 41990, SHORT),
    AllowedTag("LensSpecification", 42034, RATIONAL),
    AllowedTag("LensMake", 42035, ASCII),
    AllowedTag("LensModel", 42036, ASCII),
)
"""What `public` keeps. Source of names, numbers and types: CIPA DC-008 (Exif 2.32), 4.6; Microsoft's for `XP` tags."""

PRIVATE_MAIN_TAGS: Final = (
    AllowedTag("Software", 305, ASCII),
    AllowedTag("HostComputer", 316, ASCII),
    AllowedTag("UniqueCameraModel", 50708, ASCII),
    AllowedTag("CameraSerialNumber", 50735, ASCII),
)
PRIVATE_EXIF_TAGS: Final = (
    AllowedTag("SpectralSensitivity", 34852, ASCII),
    AllowedTag("AmbientTemperature", 37888, SRATIONAL),
    AllowedTag("Humidity", 37889, RATIONAL),
    AllowedTag("Pressure", 37890, RATIONAL),
    AllowedTag("WaterDepth", 37891, SRATIONAL),
    AllowedTag("Acceleration", 37892, RATIONAL),
    AllowedTag("CameraElevationAngle", 37893, SRATIONAL),
    AllowedTag("FlashEnergy", 41483, RATIONAL),
    AllowedTag("ExposureIndex", 41493, RATIONAL),
    AllowedTag("SensingMethod", 41495, SHORT),
    AllowedTag("FileSource", 41728, UNDEFINED),
    AllowedTag("SceneType", 41729, UNDEFINED),
    AllowedTag("CustomRendered", 41985, SHORT),
    AllowedTag("GainControl", 41991, SHORT),
    AllowedTag("Contrast", 41992, SHORT),
    AllowedTag("Saturation", 41993, SHORT),
    AllowedTag("Sharpness", 41994, SHORT),
    AllowedTag("SubjectDistanceRange", 41996, SHORT),
    AllowedTag("ImageUniqueID", 42016, ASCII),
    AllowedTag("CameraOwnerName", 42032, ASCII),
    AllowedTag("BodySerialNumber", 42033, ASCII),
    AllowedTag("LensSerialNumber", 42037, ASCII),
)
GPS_TAGS: Final = (
    AllowedTag("GPSVersionID", 0, BYTE),
    AllowedTag("GPSLatitudeRef", 1, ASCII),
    AllowedTag("GPSLatitude", 2, RATIONAL),
    AllowedTag("GPSLongitudeRef", 3, ASCII),
    AllowedTag("GPSLongitude", 4, RATIONAL),
    AllowedTag("GPSAltitudeRef", 5, BYTE),
    AllowedTag("GPSAltitude", 6, RATIONAL),
    AllowedTag("GPSTimeStamp", 7, RATIONAL),
    AllowedTag("GPSSatellites", 8, ASCII),
    AllowedTag("GPSStatus", 9, ASCII),
    AllowedTag("GPSMeasureMode", 10, ASCII),
    AllowedTag("GPSDOP", 11, RATIONAL),
    AllowedTag("GPSSpeedRef", 12, ASCII),
    AllowedTag("GPSSpeed", 13, RATIONAL),
    AllowedTag("GPSTrackRef", 14, ASCII),
    AllowedTag("GPSTrack", 15, RATIONAL),
    AllowedTag("GPSImgDirectionRef", 16, ASCII),
    AllowedTag("GPSImgDirection", 17, RATIONAL),
    AllowedTag("GPSMapDatum", 18, ASCII),
    AllowedTag("GPSDestLatitudeRef", 19, ASCII),
    AllowedTag("GPSDestLatitude", 20, RATIONAL),
    AllowedTag("GPSDestLongitudeRef", 21, ASCII),
    AllowedTag("GPSDestLongitude", 22, RATIONAL),
    AllowedTag("GPSDestBearingRef", 23, ASCII),
    AllowedTag("GPSDestBearing", 24, RATIONAL),
    AllowedTag("GPSDestDistanceRef", 25, ASCII),
    AllowedTag("GPSDestDistance", 26, RATIONAL),
    AllowedTag("GPSProcessingMethod", 27, UNDEFINED),
    AllowedTag("GPSAreaInformation", 28, UNDEFINED),
    AllowedTag("GPSDateStamp", 29, ASCII),
    AllowedTag("GPSDifferential", 30, SHORT),
    AllowedTag("GPSHPositioningError", 31, RATIONAL),
)
"""What only `keep` keeps: owner and serial numbers, the position, and identifiers of the photo."""
