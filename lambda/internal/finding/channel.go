package finding

// The channels. ChannelGuard is no notifier: the guard itself parks under it what it cannot read. A further destination
// of a channel is named after it: "slack:C0123456789", "slack:secret:KEY", "sns:NAME" of a topic.
const (
	ChannelSlack = "slack"
	ChannelSNS   = "sns"
	ChannelGuard = "guard"
)
