"""Where examples come from: embedded datasets, stock TFDS datasets, and the user's own files."""

import contextlib
import difflib
import io
import os
import re
import socket
import sys
import threading
import urllib.parse
import urllib.request
from dataclasses import dataclass

import numpy as np
import tensorflow_datasets as tfds
from absl import logging
from tensorflow_datasets.core import read_only_builder
from tensorflow_datasets.core.utils import tqdm_utils

from registry import UnknownName
from tasks.data import matching, parallel, readers
from tasks.datasets import datasets
from zoo.errors import RequestError, RunError

_SPLIT_NAMES = {
    "train": ("train",),
    "validation": ("validation", "dev", "valid", "val"),
    "test": ("test",),
}


@dataclass(frozen=True)
class Role:
    """What a task wants of an example.

    kind: "text" (a string), "label" (a class name), "words" or "tags" (lists of strings), "vectors" (an array of
    shape (timesteps, features)) or "number" (a float). preferred: feature names to look for first, in order.
    """

    name: str
    kind: str
    preferred: tuple[str, ...] = ()


@dataclass(frozen=True)
class Corpus:
    """Examples by split: `splits` maps train, validation and test to lists of dicts role name -> Python value.

    name: to print. found: dict role name -> the feature or column it was read from.
    """

    name: str
    splits: dict[str, list[dict]]
    found: dict[str, str]


def read(roles, dataset=None, data=(), data_dir=None, features=None):
    """Returns the `Corpus` of a dataset's name or of a tuple of paths, one of which is given.

    Args:
        roles: tuple of `Role`.
        dataset: an embedded dataset ("zoo_adding/600") or a TFDS name ("universal_dependencies/en_lines").
        data: one file, one folder, or three files (train, validation, test), see `tasks.data.readers`; or parallel files,
            see `tasks.data.parallel`.
        data_dir: where TFDS keeps prepared datasets; None: TFDS_DATA_DIR, else TFDS's own default.
        features: dict role name -> feature or column, for what cannot be found by type and name.

    A missing validation or test split is set apart from train: of every ten examples one, the last or, for a second
    split, the last but one; of one long text, the last tenth of its characters. Examples with no words are dropped.

    Raises:
        RequestError: no such dataset, file or feature; not prepared and no network; an empty split.
        RunError: the download or the preparation failed.
    """
    paths = (data,) if isinstance(data, str | os.PathLike) else tuple(data)
    if bool(dataset) == bool(paths):
        raise RequestError(
            f"dataset={dataset!r} and data={[str(path) for path in paths]}: give one of the two."
        )
    if dataset:
        name = dataset
        splits, found = _read_dataset(roles, dataset, data_dir, features)
    else:
        reader = parallel if parallel.are(paths, roles) else readers
        name, splits, found = reader.read_files(paths, roles, features)
    return Corpus(name, _complete(name, splits, roles), found)


def online(seconds=3.0):
    """Whether downloads can work: a connection to where TFDS downloads from, or to the proxy, within `seconds`."""
    proxy = urllib.parse.urlsplit(urllib.request.getproxies().get("https", ""))
    address = (
        (proxy.hostname, proxy.port or 80) if proxy.hostname else ("storage.googleapis.com", 443)
    )
    reached = threading.Event()

    def connect():
        with contextlib.suppress(OSError), socket.create_connection(address, timeout=seconds):
            reached.set()

    # Looking up a name heeds no timeout; a thread of its own can be left behind.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(seconds)
    return reached.is_set()


def _read_dataset(roles, dataset, data_dir, features):
    with _quiet_logs():
        builder = _prepared(dataset, data_dir)
        offered = _offered(builder.info)
        fields = {name: _field(feature) for name, feature in offered.items()}
        found = matching.match(roles, fields, features, f"the dataset {dataset!r}", "feature")
        splits = {}
        for split, names in _SPLIT_NAMES.items():
            if name := next((name for name in names if name in builder.info.splits), None):
                splits[split] = _examples(builder, name, roles, found)
    return _labelled(dataset, splits), found


def _prepared(dataset, data_dir):
    """The builder of a dataset that is on disk, prepared now if need be."""
    data_dir = os.path.expanduser(data_dir or os.environ.get("TFDS_DATA_DIR") or "") or None
    try:
        builder_class = datasets.get(re.split("[/:]", dataset)[0])
    except UnknownName:
        return _prepared_stock(dataset, data_dir)
    return _prepared_embedded(dataset, builder_class, data_dir)


def _prepared_embedded(dataset, builder_class, data_dir):
    rest = re.fullmatch(r"[^/:]+(?:/([^:]*))?(?::(.*))?", dataset)

    def make():
        return builder_class(data_dir=data_dir, config=rest[1], version=rest[2])

    try:
        builder = make()
    except RequestError:
        raise
    except (ValueError, AssertionError) as error:
        raise RequestError(_no_variant(dataset, builder_class, error)) from error
    if not builder.is_prepared():
        with contextlib.redirect_stdout(io.StringIO()), _no_progress_bar():
            builder = _prepare(dataset, builder, make)
    return builder


def _prepared_stock(dataset, data_dir):
    # The files alone first: a stock builder's code may need packages that are not installed.
    with contextlib.suppress(ValueError, ImportError):
        return read_only_builder.builder_from_files(dataset, data_dir=data_dir)

    def make():
        return tfds.builder(dataset, data_dir=data_dir)

    # TFDS writes its news to stdout, which belongs to results.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            builder = make()
        except tfds.core.DatasetNotFoundError as error:
            raise RequestError(_unknown(dataset)) from error
        except ImportError as error:
            raise RequestError(_missing_package(dataset, error)) from error
        except (ValueError, AssertionError, RuntimeError) as error:
            raise RequestError(_no_variant(dataset, None, error)) from error
        if builder.is_prepared():
            return builder
        if not online():
            raise RequestError(_offline(dataset, data_dir))
        return _prepare(dataset, builder, make)


def _prepare(dataset, builder, make):
    try:
        builder.download_and_prepare()
    except RequestError:
        raise
    except ImportError as error:
        raise RequestError(_missing_package(dataset, error)) from error
    except Exception as error:
        # Another process may have prepared it meanwhile; then the folder is there and whole.
        builder = make()
        if not builder.is_prepared():
            reason = _first_line(error)
            raise RunError(
                f"preparing the dataset {dataset!r} in {builder.data_dir} failed: {reason}. Free some space, try "
                "again, or prepare it elsewhere and name its folder as data_dir."
            ) from error
    return builder


def _unknown(dataset):
    root = re.split("[/:]", dataset)[0]
    known = sorted({*datasets.names(), *tfds.list_builders(with_community_datasets=False)})
    close = difflib.get_close_matches(root, known, n=3)
    hint = (
        f"did you mean {' or '.join(repr(name) for name in close)}?"
        if close
        else "check the spelling."
    )
    return f"there is no dataset {dataset!r}; {hint} `zoo list datasets` lists the embedded ones, and TFDS has others."


def _no_variant(dataset, builder_class, error):
    """For a known name with a configuration or version that does not exist, or a name that cannot be one."""
    reason = re.sub(
        '^Failed to construct .*?}": | Here are 10 BuilderConfigs.*', "", _first_line(error)
    )
    if builder_class is None:
        try:
            builder_class = tfds.builder_cls(re.split("[/:]", dataset)[0])
        except (ValueError, ImportError):
            return f"{dataset!r} is no dataset: {reason}. Write NAME, NAME/CONFIG or NAME/CONFIG:VERSION."
    known = list(builder_class.builder_configs)
    config = re.sub("^[^/:]*/?|:.*", "", dataset)
    close = difflib.get_close_matches(config, known, n=3, cutoff=0.3) or known[:3]
    choices = " or ".join(repr(f"{builder_class.name}/{name}") for name in close) or repr(
        builder_class.name
    )
    return f"the dataset {dataset!r} does not exist: {reason.rstrip('.')}. Try {choices}."


def _missing_package(dataset, error):
    name = (
        getattr(error, "name", None)
        or (re.findall(r"No module named '([\w.]+)'", str(error)) or [None])[0]
    )
    fix = f"pip install {name.split('.')[0]}" if name else "Install what it names"
    return f"the dataset {dataset!r} needs a package that is not installed ({_first_line(error)}). {fix}"


def _offline(dataset, data_dir):
    folder = data_dir or tfds.core.constants.DATA_DIR
    return (
        f"the dataset {dataset!r} is not prepared in {folder}, and there is no network to download it. On a machine "
        f"with a network run: python -c \"import tensorflow_datasets as tfds; tfds.load('{dataset}', "
        "data_dir='DIR')\", copy DIR here and name it: --data_dir=DIR"
    )


def _first_line(error):
    line = next(
        (line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__
    )
    return line.rstrip(".")


@contextlib.contextmanager
def _no_progress_bar():
    before = tqdm_utils._active
    tfds.display_progress_bar(False)
    try:
        yield
    finally:
        tfds.display_progress_bar(before)


@contextlib.contextmanager
def _quiet_logs():
    """TFDS warns about its own use of a deprecated attribute when it decodes an array."""
    before = logging.get_verbosity()
    logging.set_verbosity(min(before, logging.ERROR))
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _offered(info):
    """The features by name, in the order of the alphabet; first those that the builder reads first, such as the source
    language before the target: it says so by its supervised keys or its configuration's name ("fr_to_en")."""
    features = dict(info.features.items()) if hasattr(info.features, "items") else {}
    said = [key for key in info.supervised_keys or () if isinstance(key, str)]
    said += re.split("[^A-Za-z]+", info.config_name or "")
    return {
        name: features[name]
        for name in sorted(
            features, key=lambda name: (said.index(name) if name in said else len(said), name)
        )
    }


def _field(feature):
    """What a TFDS feature can be read as."""
    kind = type(feature).__name__
    if isinstance(feature, tfds.features.ClassLabel):
        return matching.Field(kind, natural=("label",))
    if isinstance(feature, tfds.features.Text):
        return matching.Field(kind, natural=("text",), named=("label",))
    if isinstance(feature, tfds.features.Sequence):
        inner = feature.feature
        kind = f"Sequence({type(inner).__name__})"
        if isinstance(inner, tfds.features.ClassLabel):
            return matching.Field(kind, natural=("tags",))
        if isinstance(inner, tfds.features.Text):
            return matching.Field(kind, natural=("words",), named=("tags",))
    if isinstance(feature.shape, tuple) and not isinstance(feature.dtype, dict):
        kind = f"{kind} {feature.shape} of {np.dtype(feature.np_dtype).name}"
        if np.issubdtype(feature.np_dtype, np.floating):
            natural = {0: ("number",), 2: ("vectors",)}.get(len(feature.shape), ())
            return matching.Field(kind, natural=natural)
    return matching.Field(kind)


def _examples(builder, split, roles, found):
    """The examples of a split, in the order on disk."""
    wanted = {name: True for name in found.values()}
    # TFDS cannot take a part of a subclass, such as Translation.
    partly = type(builder.info.features) is tfds.features.FeaturesDict
    rows = builder.as_dataset(
        split=split,
        decoders=tfds.decode.PartialDecoding(wanted) if partly else None,
        read_config=tfds.ReadConfig(interleave_cycle_length=1),
    )
    makers = {role.name: (found[role.name], _maker(role.kind, builder.info.features[found[role.name]]))
              for role in roles}  # fmt: skip
    words = next((role.name for role in roles if role.kind == "words"), None)
    tags = [role.name for role in roles if role.kind == "tags"]
    examples = []
    for index, row in enumerate(tfds.as_numpy(rows)):
        example = {role: make(row[feature]) for role, (feature, make) in makers.items()}
        for name in tags:
            if words and len(example[words]) != len(example[name]):
                raise RequestError(
                    f"the dataset {builder.info.name!r}, split {split!r}, example {index}: {len(example[words])} words "
                    f"({found[words]}) and {len(example[name])} tags ({found[name]}). Choose features that belong "
                    "together, or correct the data."
                )
        examples.append(example)
    return examples


def _maker(kind, feature):
    """The function from a feature's NumPy value to a role's Python value; None stands for a missing class."""
    if kind in ("words", "tags"):
        inner = _maker("label", feature.feature)
        return lambda value: [inner(each) for each in value]
    if kind == "vectors":
        return lambda value: np.asarray(value, np.float32)
    if kind == "number":
        return float
    if isinstance(feature, tfds.features.ClassLabel):
        return lambda value: feature.int2str(int(value)) if value >= 0 else None
    return lambda value: value.decode("utf-8", errors="replace")


def _labelled(dataset, splits):
    """The splits without a test whose classes are withheld (-1), as they are where test is for a contest."""
    bare = {split: [index for index, example in enumerate(examples) if _withheld(example)]
            for split, examples in splits.items()}  # fmt: skip
    if bare.get("test") and len(bare["test"]) == len(splits["test"]):
        splits = {split: examples for split, examples in splits.items() if split != "test"}
    for split in splits:
        if bare[split]:
            raise RequestError(
                f"the dataset {dataset!r}, split {split!r}, example {bare[split][0]} has no class (-1). Choose another "
                "feature, or a dataset whose examples are labelled."
            )
    return splits


def _withheld(example):
    return any(
        value is None or (isinstance(value, list) and None in value) for value in example.values()
    )


def _complete(name, splits, roles):
    """The three splits, none of them empty; those that are missing are set apart from train."""
    if "train" not in splits:
        raise RequestError(
            f"{name} has no split 'train', so there is nothing to learn from. Name another dataset."
        )
    splits = {split: _with_words(examples) for split, examples in splits.items()}
    missing = [split for split in readers.SPLITS if split not in splits]
    if len(splits["train"]) == 1 and [role.kind for role in roles] == ["text"]:
        splits |= _cut_text(splits["train"][0], missing)
    else:
        splits |= _cut_examples(splits["train"], missing)
    for split in readers.SPLITS:
        if not splits[split]:
            why = (
                "it was to be a tenth of train, which is too small"
                if split in missing
                else "no example has words"
            )
            raise RequestError(
                f"the split {split!r} of {name} is empty: {why}. Give more examples, or three files: "
                "train, validation, test."
            )
    return {split: splits[split] for split in readers.SPLITS}


def _cut_examples(examples, missing):
    places = {9 - number: split for number, split in enumerate(missing)}
    cut = {split: [] for split in ("train", *missing)}
    for index, example in enumerate(examples):
        cut[places.get(index % 10, "train")].append(example)
    return cut


def _cut_text(example, missing):
    ((role, text),) = example.items()
    tenth = len(text) // 10
    start = len(text) - tenth * len(missing)
    cut = {"train": text[:start]}
    for number, split in enumerate(missing):
        cut[split] = text[start + number * tenth :][:tenth]
    return {split: _with_words([{role: part}]) for split, part in cut.items()}


def _with_words(examples):
    return [example for example in examples if all(_is_filled(value) for value in example.values())]


def _is_filled(value):
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, float) or len(value) > 0
