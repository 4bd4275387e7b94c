package settings

import (
	"trailkeeper/lambda/config"
)

// Warden is the second deployment of the guard's program, which checks the guard's own parts; see package warden.
type Warden struct {
	Enabled bool
	Minutes int    // from one run to the next
	Mode    string // config.WardenModes, or WardenModeFollows
	Region  string // empty: the stack's
}

// WardenModeFollows as Warden.Mode is ModeRestore where Mode is at least that, and otherwise ModeNotify.
const WardenModeFollows = "follow"

func wardenSettings() []setting {
	return []setting{
		flag("warden.enabled", true, "Make the [warden](#warden): a second function of the same program, with a role and a "+
			"schedule of its own, that checks the guard's resources, as the guard's sweep checks the warden's. Without "+
			"it nothing notices that somebody disabled the guard before its next event, but where `protect.enabled` is true."),
		number("warden.minutes", 5, 1, 60, "Minutes from one run of the warden to the next."),
		oneOf("warden.mode", WardenModeFollows, append([]string{WardenModeFollows}, config.WardenModes()...),
			"Whether guard and warden restore each other's resources: `notify` reports what differs, `restore` also restores "+
				"rules, targets, schedules, concurrency, permissions and the policies of queues and tables. `follow`: `restore` "+
				"where `mode` is `restore` or `recreate`, otherwise `notify`. The IAM grants follow."),
		text("warden.region", "", optional(validRegion), "a Region such as eu-west-1",
			"Deploy the warden in another Region of the partition, as a [stack of its own](#warden), whose name is the "+
				"stack's with `-warden`. Empty: in the stack's."),
	}
}

// WardenMode is how far guard and warden go with each other's resources.
func (s Settings) WardenMode() config.Mode {
	if s.Warden.Mode != WardenModeFollows {
		return config.Mode(s.Warden.Mode)
	}
	if s.Mode.AtLeast(config.ModeRestore) {
		return config.ModeRestore
	}
	return config.ModeNotify
}

// WardenElsewhere reports whether the warden is a stack of its own in another Region.
func (s Settings) WardenElsewhere() bool { return s.Warden.Enabled && s.Warden.Region != "" }

func wardenContradictions(s Settings, p *problems) {
	w := s.Warden
	p.add(!w.Enabled && w.Region != "", "warden.enabled warden.region",
		"warden.region is %s but warden.enabled is false; want no Region, or the warden", show(w.Region))
	if !w.Enabled {
		return
	}
	p.add(!s.Sweep.Enabled, "sweep.enabled warden.enabled", "warden.enabled is true but sweep.enabled is false, and nothing "+
		"would check the warden; want the sweep, or warden.enabled false")
	p.add(!s.Table.Enabled, "table.enabled warden.enabled", "warden.enabled is true but table.enabled is false, and the warden "+
		"would report the same in every run; want the table, or warden.enabled false")
	if w.Region == "" {
		return
	}
	home := s.Env.Region
	p.add(home == "", "warden.region env.account env.region", "warden.region is %s but env.region is empty; a stack in another "+
		"Region must know where this one is: want env.account and env.region", show(w.Region))
	p.add(w.Region == home, "warden.region env.region",
		"warden.region is %s, as env.region is; leave it out to have the warden in the stack's Region", show(w.Region))
	want, known := config.PartitionOf(home)
	got, alsoKnown := config.PartitionOf(w.Region)
	p.add(known && alsoKnown && got != want, "warden.region env.region",
		"warden.region is %s, in the partition %s; want a Region of %s, that of env.region %s", show(w.Region), got, want, show(home))
	p.add(s.SNS.Enabled && s.SNS.TopicARN == "" && s.SNS.TopicName == "", "warden.region sns.topicName sns.topicArn",
		"warden.region is %s but sns.topicName is empty; a stack in another Region cannot know the name that CloudFormation "+
			"gives the topic: want sns.topicName (a new topic, to which everybody subscribes anew) or sns.topicArn", show(w.Region))
}
