package message

import (
	"slices"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// nouns are the types whose last part is not what people call them.
var nouns = map[string]string{
	"AWS::Events::ApiDestination":     "API destination",
	"AWS::IAM::ManagedPolicy":         "managed policy",
	"AWS::IAM::Policy":                "inline policy",
	"AWS::Lambda::EventInvokeConfig":  "event-invoke settings",
	"AWS::Lambda::EventSourceMapping": "event source mapping",
	"AWS::Logs::LogGroup":             "log group",
	"AWS::SNS::TopicPolicy":           "topic policy",
	"AWS::SQS::QueuePolicy":           "queue policy",
}

// missingField is the field of a resource that is gone (package check).
const missingField = "resource"

// ofDeployment is what was found of one resource of the deployment, or of many.
func ofDeployment(f finding.Finding) string {
	for _, n := range f.Notes {
		if n.ID == finding.NoteManyDiffer && len(n.Values) > 0 {
			return sanitize.Bound(n.Values[0], maxCall) + " resources of Trailkeeper's " + subjectName(f) + " were found changed"
		}
	}
	return "Trailkeeper's " + subjectName(f) + " was found " + foundAs(f)
}

func shortOfDeployment(f finding.Finding) string {
	return "Trailkeeper's " + noun(f) + " " + foundAs(f)
}

func foundAs(f finding.Finding) string {
	if slices.ContainsFunc(f.Changes, func(c finding.Change) bool { return c.Field == missingField }) {
		return "deleted"
	}
	return "changed"
}

func deploymentRecovered(f finding.Finding) string {
	if f.Ended == finding.KindDeploymentUnseen {
		return "Trailkeeper checks all of its own deployment again"
	}
	return "Trailkeeper's " + subjectName(f) + " is as it was deployed again"
}
