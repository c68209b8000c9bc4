"""Mail, Teams, webhooks and whatever else apprise can reach. Import the module: it needs apprise."""
