package guardrail

import "trailkeeper/events"

// Clean is the deployment without what the values of settings hold besides names: empty texts; keys and topics that are
// no ARN of one, as where the stack makes the key or an alias names it; and a Bus that is the default one. It checks no
// value: the synth says which setting is wrong.
func (d Deployment) Clean() Deployment {
	given := func(text string) bool { return text != "" }
	d.DeployRoles = only(d.DeployRoles, given)
	d.TopicNames = only(d.TopicNames, given)
	d.LogGroups = only(d.LogGroups, given)
	d.Queues = only(d.Queues, given)
	d.Topics = only(d.Topics, events.FormTopic.Matches)
	d.Keys = only(d.Keys, events.FormKey.Matches)
	var trails []Trail
	for _, t := range d.Trails {
		if !events.FormKey.Matches(t.Key) {
			t.Key = ""
		}
		trails = append(trails, t)
	}
	d.Trails = trails
	if d.Bus == "default" {
		d.Bus = ""
	}
	return d
}

// only are the texts that fit, in a new list: the settings keep theirs.
func only(texts []string, fits func(string) bool) []string {
	var all []string
	for _, text := range texts {
		if fits(text) {
			all = append(all, text)
		}
	}
	return all
}
