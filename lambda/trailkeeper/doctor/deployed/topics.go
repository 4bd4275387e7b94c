package deployed

import "strings"

// alarmsTopicID begins the logical ID of the topic of the alarms, which a stack has where people are not notified of every
// severity.
const alarmsTopicID = "NotificationsAlarmsTopic"

// Topics are the ARNs of the topics that the deployment notifies: the one that it puts out, or else that the guard is told,
// and that of the alarms. Known is false where neither the stack nor the guard says that there is none.
func (d *Deployment) Topics() (all []string, known bool) {
	topic := d.Outputs["TopicArn"]
	if topic == "" && d.Guard.Known() {
		topic = d.Guard.Settings.TopicARN
	}
	if topic != "" {
		all = append(all, topic)
	}
	for _, r := range d.Of("AWS::SNS::Topic") {
		if strings.HasPrefix(r.ID, alarmsTopicID) {
			all = append(all, r.Name)
		}
	}
	return all, len(all) > 0 || d.Guard.Known()
}
