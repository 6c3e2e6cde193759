"""What Pillow was built with."""


def has_fast_jpeg() -> bool:
    """Whether Pillow uses libjpeg-turbo, which has vector instructions."""
    from PIL import features

    return bool(features.check_feature("libjpeg_turbo"))
