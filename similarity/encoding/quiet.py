"""The model libraries without their progress bars and notes; ours are shown instead."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LOGGERS = ("sentence_transformers", "transformers", "huggingface_hub")


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Silence the libraries while a model is loaded, then put their settings back."""
    import huggingface_hub.utils
    import transformers.utils.logging

    # Neither library types these functions.
    hub: Any = huggingface_hub.utils
    bars: Any = transformers.utils.logging

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    shown = bars.is_progress_bar_enabled(), not hub.are_progress_bars_disabled()
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        bars.disable_progress_bar()
        hub.disable_progress_bars()
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if shown[0]:
            bars.enable_progress_bar()
        if shown[1]:
            hub.enable_progress_bars()
