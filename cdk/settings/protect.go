package settings

// Protect is the rules that report calls against the deployment itself; see package rules/protect.
type Protect struct {
	Enabled bool
}

func protectSettings() []setting {
	return []setting{
		flag("protect.enabled", true, "[Rules](#calls-against-the-deployment) with which EventBridge reports calls against "+
			"the deployment itself, to the topic and to Slack, without the guard. Deployments are reported too, labelled as such, "+
			"to Slack alone where EventBridge posts there."),
	}
}

// Protects reports whether EventBridge reports calls against the deployment: that takes the setting, and somebody to
// report to.
func (s Settings) Protects() bool { return s.Protect.Enabled && (s.SNS.Enabled || s.Path1()) }
