"""The order of test files: with `--dist loadfile`, a long file at the end leaves a core idle."""

# Of a minute or more on one core, the longest first; the others keep the order of their paths.
LONG_FILES = (
    "conformance/test_suite.py",
    "saved_models/test_exporting.py",
    "integration/test_doctests.py",
    "saved_models/test_language_models.py",
    "tuning/test_tuner.py",
    "integration/test_matrix.py",
    "integration/test_generated_requests.py",
)


def long_files_first(items):
    """Move the tests of `LONG_FILES` to the front."""

    def place(item):
        return next(
            (k for k, name in enumerate(LONG_FILES) if item.path.match(f"tests/{name}")),
            len(LONG_FILES),
        )

    items.sort(key=place)
