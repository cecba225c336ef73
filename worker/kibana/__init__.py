"""Dashboards: described in `dashboards/`, turned into Kibana's saved objects, and put into a Kibana."""
