"""The packages that changes are made to: source distributions, by their hashes, and mutations."""

import hashlib
import random
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from ideas_lib.programs.mutate import Mutation, list_mutations
from ideas_lib.programs.what_if.repo_changes import FileEdit, RepoChange
from ideas_lib.study.checkout import root

__all__ = ["SUBJECTS", "sample_changes", "unpacked"]

# Chosen for pure Python, a licence that allows it, and tests that pass here in seconds.
SUBJECTS: dict[int, tuple[str, str, str, str]] = {
    # seed: name, version, folder of what may be changed, SHA-256
    100: (
        "cachetools",
        "8.0.2",
        "src/cachetools",
        "30ac523adfc118b51d2b2e7bad8a0ddb31370dfe2700c7f10ca224f36ccf81e0",
    ),
    101: (
        "deepmerge",
        "4.0.0",
        "deepmerge",
        "948565f2bc9cdb41259a4a23d26638e5840c9e084a343ab279ffd3edcfdf74d3",
    ),
    102: (
        "h11",
        "0.16.0",
        "h11",
        "4e35b956cf45792e4caa5885e69fba00bdbc6ffafbfa020300e549b208ee5ff1",
    ),
    103: (
        "inflection",
        "0.5.1",
        "inflection",
        "1a29730d366e996aaacffb2f1f1cb9593dc38e2ddd30c91250c6dde09ea9b417",
    ),
    104: (
        "isodate",
        "0.7.2",
        "src/isodate",
        "4cd1aa0f43ca76f4a6c6c0292a85f40b35ec2e43e315b59f06e6d32171a953e6",
    ),
    105: (
        "mistune",
        "3.4.0",
        "src/mistune",
        "2eaf7952af928ca8d33b779762effc1da517b62c6ad85ec8ca957e3b07b9782a",
    ),
    106: (
        "pathspec",
        "1.1.1",
        "pathspec",
        "17db5ecd524104a120e173814c90367a96a98d07c45b2e10c2f3919fff91bf5a",
    ),
    107: (
        "schema",
        "0.7.8",
        "schema",
        "e86cc08edd6fe6e2522648f4e47e3a31920a76e82cce8937535422e310862ab5",
    ),
    108: (
        "sqlparse",
        "0.6.1",
        "sqlparse",
        "ca722573f848ff2d30e40ea30f53a104b7dea7635ea9285891263eb2c58fb6e7",
    ),
    109: (
        "tabulate",
        "0.10.0",
        "tabulate",
        "e2cfde8f79420f6deeffdeda9aaec3b6bc5abce947655d17ac662b126e48a60d",
    ),
    110: (
        "voluptuous",
        "0.16.0",
        "voluptuous",
        "006535e22fed944aec17bef6e8725472476194743c87bd233e912eb463f8ff05",
    ),
    111: (
        "webcolors",
        "25.10.0",
        "src/webcolors",
        "62abae86504f66d0f6364c2a8520de4a0c47b80c03fc3a5f1815fedbef7c19bf",
    ),
}


# Modules of this library that need no other, with a file of tests each.
OWN = {0: "exercises/roster", 1: "essays/two_by_two/kept_words"}


def unpacked(seed: int, folder: Path) -> Path:
    """Fetch a seed's source distribution by pip, unpack it into a folder, and return its path.

    Of `OWN` it makes a small package, for which nothing is fetched. Raises RuntimeError where pip
    has none, and ValueError for one with another hash.
    """
    if seed in OWN:
        return _own_package(OWN[seed], folder)
    name, version, _, sha256 = SUBJECTS[seed]
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    words += ["--no-binary", ":all:", "--dest", str(folder), f"{name}=={version}"]
    done = subprocess.run(words, capture_output=True, text=True)
    archive = folder / f"{name}-{version}.tar.gz"
    if done.returncode or not archive.is_file():
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise RuntimeError(f"no source distribution of {name} {version}: {last}")
    there = hashlib.sha256(archive.read_bytes()).hexdigest()
    if there != sha256:
        raise ValueError(f"{archive.name} has the SHA-256 {there}, not {sha256}")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    archive.unlink()
    return folder / f"{name}-{version}"


def _own_package(name: str, folder: Path) -> Path:
    above, _, last = name.rpartition("/")
    repo = folder / last
    for source in (f"ideas_lib/{name}.py", f"tests/{above}/test_{last}.py"):
        target = repo / source
        target.parent.mkdir(parents=True)
        shutil.copy(root() / source, target)
        for parent in target.relative_to(repo).parents:
            (repo / parent / "__init__.py").touch()
    return repo


def sample_changes(repo: Path, seed: int, count: int) -> list[tuple[RepoChange, Mutation]]:
    """Draw so many of all mutations of a package, without its tests."""
    below = repo / ("ideas_lib" if seed in OWN else SUBJECTS[seed][2])
    found = []
    for path in sorted(below.rglob("*.py")):
        if "tests" in path.relative_to(below).parts:
            continue
        name = path.relative_to(repo).as_posix()
        source = path.read_bytes().decode("utf-8")
        found += [(name, source, each) for each in list_mutations(source, name)]
    drawn = random.Random(seed).sample(range(len(found)), count)
    changes = []
    for place in sorted(drawn):
        name, source, mutation = found[place]
        edit = FileEdit(name, source, mutation.apply(source))
        changes.append((RepoChange(f"{place}: {mutation}", (edit,)), mutation))
    return changes
