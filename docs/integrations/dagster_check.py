"""Ketenwacht as an asset check of Dagster: the feed is an external asset, and its newest deliveries are judged."""

import os

from dagster import AssetCheckResult, AssetCheckSeverity, AssetSpec, Definitions, asset_check

from ketenwacht import Project

CONFIG = os.environ.get("KETENWACHT_CONFIG", "config.yaml")
FEED = "ind-duo"

feed = AssetSpec("ind_duo", description="Deliveries that arrive from the sender")


@asset_check(asset=feed.key, description="Is everybody in it who should be?")
def everybody_is_in_it() -> AssetCheckResult:
    """Judge what was not judged yet; say what is missing. Nothing judged does not pass."""
    project = Project(CONFIG)
    project.check(FEED)
    open_incidents = project.incidents(FEED)
    if open_incidents.replayed:  # no delivery came in: these are the incidents of a replay
        return AssetCheckResult(passed=False, description="not judged: no delivery was found")
    return AssetCheckResult(
        passed=not open_incidents,
        severity=AssetCheckSeverity.ERROR,
        metadata={f"incident {one.number}": one.view.headline for one in open_incidents},
    )


definitions = Definitions(assets=[feed], asset_checks=[everybody_is_in_it])
