"""Unpacks the Milvus binary, its libraries and its default configuration out of the wheel: unpack.py DIRECTORY.

The wheel's own wrapper does the same but unpacks for every instance anew, picks the ports itself and needs setuptools.
"""

import lzma
import os
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

# {{ key(type): default }}; what has no default here is given by environment variables, which win over the file
PLACEHOLDER = re.compile(r"\{\{\s*\w+\s*(?:\(\w+\))?\s*(?::\s*([^}]*?))?\s*\}\}")


def unpack(packed: Path, folder: Path) -> None:
    target = folder / packed.stem
    with lzma.open(packed) as source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)
    os.chmod(target, 0o755)


def main() -> None:
    target = Path(sys.argv[1])
    spec = find_spec("milvus")
    wheel = Path(spec.submodule_search_locations[0]) / "data"
    (target / "bin").mkdir(parents=True)
    (target / "configs").mkdir()
    packed = sorted((wheel / "bin").glob("*.lzma"), key=lambda file: file.stat().st_size, reverse=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda file: unpack(file, target / "bin"), packed))
    template = (wheel / "config.yaml.template").read_text(encoding="utf-8")
    config = PLACEHOLDER.sub(lambda match: match.group(1) or "", template)
    (target / "configs" / "milvus.yaml").write_text(config, encoding="utf-8")
    shutil.copy(wheel / "glog.conf", target / "configs" / "glog.conf")


main()
