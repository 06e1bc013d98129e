"""No package that Flakescope is installed with binds it to the GPL or the AGPL."""

import re
from importlib.metadata import Distribution, distributions

# "GPL" but neither "LGPL" nor "Lesser General Public License".
_STRICT = re.compile(r"(?<!L)GPL|Affero|(?<!Lesser )General Public License", re.IGNORECASE)


def _licence(package: Distribution) -> str:
    """What a package says of its licence, in whatever field."""
    said = package.metadata
    classifiers = [one for one in said.get_all("Classifier") or [] if one.startswith("License")]
    # Some put the whole text of a licence there: its first line names it.
    first = (said.get("License") or "").strip().partition("\n")[0]
    return "; ".join([said.get("License-Expression") or "", *classifiers, first])


def test_no_installed_package_is_under_a_licence_that_binds_the_whole():
    licences = {one.metadata["Name"]: _licence(one) for one in distributions()}

    assert licences
    assert {name: said for name, said in licences.items() if _STRICT.search(said)} == {}
