"""The bill of materials of a release names every package once, with hashes."""

from release import join_materials


def component(name, version="1.0", *, hashes=0):
    return {
        "name": name,
        "version": version,
        "bom-ref": f"{name} of a bill",
        "externalReferences": [{"type": "distribution", "hashes": ["…"] * hashes}] if hashes else [],
    }


def test_an_installation_gets_the_hashes_and_the_packages_of_other_platforms():
    installed = {"components": [component("Jinja2") | {"licenses": ["BSD"]}], "dependencies": [{"ref": "root"}]}
    listed = {"components": [component("jinja2", hashes=2), component("colorama", "0.4", hashes=1)]}
    joined = join_materials(installed, listed)
    assert [(one["name"], one["bom-ref"]) for one in joined["components"]] == [
        ("Jinja2", "Jinja2 of a bill"),
        ("colorama", "colorama==0.4"),
    ]
    assert [len(one["externalReferences"][-1]["hashes"]) for one in joined["components"]] == [2, 1]
    assert joined["components"][0]["licenses"] == ["BSD"]
    assert joined["dependencies"] == [{"ref": "root"}, {"ref": "colorama==0.4"}]
