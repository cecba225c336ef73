"""One room per dashboard; what each shows, panel by panel."""

from worker.kibana.dashboards.feeds import FEEDS_DASHBOARD
from worker.kibana.dashboards.newsroom import NEWSROOM
from worker.kibana.dashboards.pipeline import PIPELINE
from worker.kibana.dashboards.stories import STORIES

DASHBOARDS = (NEWSROOM, STORIES, FEEDS_DASHBOARD, PIPELINE)

__all__ = ["DASHBOARDS"]
