package settings

// Protect is the rules that report calls against the deployment itself; see package rules/protect.
type Protect struct {
	Enabled bool
}

func protectSettings() []setting {
	return []setting{
		flag("protect.enabled", false, "[Rules](#calls-against-the-deployment) with which EventBridge reports calls against "+
			"the deployment itself, to the topic and to Slack, without the guard. Deployments are reported too, labelled as such."),
	}
}

func protectContradictions(s Settings, p *problems) {
	p.add(s.Protect.Enabled && !s.SNS.Enabled && !s.Path1(), "protect.enabled sns.enabled slack.enabled slack.eventBridge",
		"protect.enabled is true, and neither sns.enabled nor slack.eventBridge is; EventBridge has nobody to report to")
}
