package deployment

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestForeign: of a record only what CloudFormation can have given is believed.
func TestForeign(t *testing.T) {
	if got := record().Foreign(example(), place); got != nil {
		t.Errorf("%v", got)
	}
	for _, c := range []struct{ key, value string }{
		{"Queue", "decoy"},
		{"Queue", "decoy-trailkeeper-Queue-2"},       // holds the stack's name
		{"Queue", "trailkeeper2-Queue-2"},            // of another stack
		{"Queue", "trailkeeper-Log-2"},               // of another resource
		{"Queue", "trailkeeper-QueueMore-2"},         // of a longer logical ID
		{"Queue", "trailkeeper-Queue-"},              // no random part
		{"Queue", "trailkeeper--2"},                  // nothing of the logical ID
		{"Queue", "trailkeeper-Queue"},               // nothing random
		{"Queue", `trailkeeper-Queue-2","Effect":"`}, // no name
		{"Queue", "trailkeeper-Queue-2/x"},
		{"Queue", "arn:aws:sqs:eu-west-1:111122223333:trailkeeper-Queue-2"}, // Ref is no ARN
		{"Topic", "arn:aws:sns:eu-west-1:444455556666:trailkeeper-Topic-3"},
		{"Topic", "arn:aws:sns:us-east-1:111122223333:trailkeeper-Topic-3"},
		{"Topic", "arn:aws-cn:sns:eu-west-1:111122223333:trailkeeper-Topic-3"},
		{"Topic", "arn:aws:sqs:eu-west-1:111122223333:trailkeeper-Topic-3"},
		{"Topic", "arn:aws:sns:eu-west-1:111122223333:decoy-Topic-3"},
		{"Key", "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
		{"Key", "alias/trailkeeper"},
		{"Key", "1234abcd-12ab-34cd-56ef-1234567890ab "},
		{"Key", "1234abcd-12ab-34cd-56ef1234567890ab"},
		{"Key", "1234abcd-12ab-34cd-56ef-1234567890aG"},
		{"Key", "mrk-1234abcd12ab34cd56ef1234567890a"},
		{"Key", "mrk-1234abcd-12ab-34cd-56ef-12345678"},
		{"Destination.Arn", "arn:aws:events:eu-west-1:444455556666:api-destination/trailkeeper-slack/6"},
		{"Destination.Arn", "arn:aws:events:eu-west-1:111122223333:api-destination/trailkeeper-slack2/6"},
		{"Destination.Arn", "arn:aws:events:eu-west-1:111122223333:connection/trailkeeper-slack/6"},
		{"Destination.Arn", "arn:aws:events:eu-west-1:111122223333:api-destination/trailkeeper-slack/"},
		{"Destination.Arn", "arn:aws:events:eu-west-1:111122223333:api-destination/trailkeeper-slack/6/x"},
		{"Function.Arn", "arn:aws:lambda:eu-west-1:111122223333:function:trailkeeper-Function-5"}, // is made of the name
		{"Rule", "trailkeeper-Rule-7"},                                                            // the template gives it
		{"Other", "trailkeeper-Other-8"},
	} {
		r := record()
		r.Names[c.key] = c.value
		if got := r.Foreign(example(), place); !cmp.Equal(got, []string{c.key}) {
			t.Errorf("%s %s: foreign are %v", c.key, c.value, got)
		}
	}
}

// TestNotForeign: the forms that CloudFormation gives, of which a long one is shortened.
func TestNotForeign(t *testing.T) {
	d := example()
	d.Resources["Bucket"] = Resource{Type: "AWS::S3::Bucket", Part: PartGuard}
	d.Resources["Managed"] = Resource{Type: "AWS::IAM::ManagedPolicy", Part: PartGuard, Properties: map[string]any{"Path": "/trailkeeper/"}}
	d.Resources["Guardrail"] = Resource{Type: "AWS::Organizations::Policy", Part: PartGuard, Properties: map[string]any{"Name": "x"}}
	for key, value := range map[string]string{
		"Queue":        "trailkeeper-Que-AbC1dEf2GhI3",
		"Key":          "mrk-1234abcd12ab34cd56ef1234567890ab",
		"Bucket":       "trailkeeper-bucket-1a2b3c4d5e6f",
		"Managed":      "arn:aws:iam::111122223333:policy/trailkeeper/trailkeeper-Managed-9",
		"Guardrail.Id": "p-0a1b2c3d",
	} {
		r := Record{Names: map[string]string{key: value}}
		if got := r.Foreign(d, place); got != nil {
			t.Errorf("%s %s is foreign", key, value)
		}
	}
	for key, value := range map[string]string{
		"Managed":      "arn:aws:iam::111122223333:policy/trailkeeper-Managed-9",
		"Guardrail.Id": "p-0a1b2c3",
		"Bucket":       "trailkeeper-Bucket-1a2b3c4d5e6f",
	} {
		r := Record{Names: map[string]string{key: value}}
		if got := r.Foreign(d, place); got == nil {
			t.Errorf("%s %s is not foreign", key, value)
		}
	}
}
