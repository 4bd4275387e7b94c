package findingtest

import (
	"time"

	"trailkeeper/lambda/internal/finding"
)

// deploymentDiffers is a rule of the deployment that somebody disabled, and that the warden enabled again.
func deploymentDiffers() finding.Finding {
	n := finding.Finding{
		EventID:   "deployment-5f0c1d7e9a0b4c558f0e6b2f",
		EventTime: At(),
		Kind:      finding.KindDeploymentDiffers,
		Source:    "the warden",
		Severity:  finding.SeverityHigh,
		Outcome:   finding.OutcomeRestored,
		AfterCall: 340 * time.Millisecond,
		Actor:     "user mallory",
		ActorARN:  "arn:aws:iam::111122223333:user/mallory",
		SourceIP:  "203.0.113.7",
		UserAgent: "aws-cli/2.31.0",
		Subject: finding.Subject{
			Type: "AWS::Events::Rule", ARN: "arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-tampering",
			Name: "trailkeeper-tampering", Account: "111122223333", Region: "eu-west-1", Partition: "aws",
		},
		Changes: []finding.Change{{
			Field: "State", Before: "ENABLED", After: "DISABLED", Effect: finding.EffectWeakens,
			Sentence: "It is not as the template has it.", Done: finding.DoneRestored,
		}},
		Stack: "trailkeeper",
	}
	n.Note(finding.NoteReadAgain)
	n.Note(finding.NoteActor, "DisableRule", n.Actor, At().Add(-3*time.Minute), n.SourceIP, "0f6c1d7e-5a0b-4c55-8f0e-6b2f0e3c9a10")
	n.Advise(finding.NextWhoChanged, n.Region, n.Subject.Name)
	return n
}

// deploymentLeft is a rule with a target that the template does not have.
func deploymentLeft() finding.Finding {
	n := deploymentDiffers()
	n.Actor, n.ActorARN, n.SourceIP, n.UserAgent, n.AfterCall = "", "", "", "", 0
	n.Severity, n.Outcome, n.Notes, n.Next = finding.SeverityCritical, finding.OutcomeNotified, nil, nil
	n.Subject.Type, n.Subject.Name = "AWS::Events::Rule", "trailkeeper-change"
	n.Subject.ARN = "arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-change"
	n.Changes = []finding.Change{{
		Field: "Targets.Other", Before: "none", After: "arn:aws:lambda:eu-west-1:999900001111:function:other",
		Effect: finding.EffectWeakens, Sentence: "The template has no such value.",
		Why: notes{say(finding.NoteNeverRestored)},
	}}
	n.Advise(finding.NextRunByHand, "aws events remove-targets --rule trailkeeper-change --ids Other")
	n.Advise(finding.NextWhoChanged, n.Region, n.Subject.Name)
	return n
}

// deploymentMany is a stack of which most is gone.
func deploymentMany() finding.Finding {
	n := deploymentLeft()
	n.Subject.Type, n.Subject.Name, n.Subject.ARN, n.Next, n.Changes = "AWS::CloudFormation::Stack", "trailkeeper", "", nil, nil
	for _, name := range []string{
		"AWS::Lambda::Function trailkeeper-guard", "AWS::Events::Rule trailkeeper-change", "AWS::SQS::Queue trailkeeper-dead",
	} {
		n.Changes = append(n.Changes, finding.Change{
			Field: name, Before: "as deployed", After: "gone", Effect: finding.EffectWeakens, Sentence: "It is gone.",
		})
	}
	n.Note(finding.NoteManyDiffer, 97)
	n.Advise(finding.NextAsTemplate, n.Stack)
	return n
}

// deployments are what the warden reports.
func deployments() []Sample {
	unseen := deploymentMany()
	unseen.Kind, unseen.Severity, unseen.Partial = finding.KindDeploymentUnseen, finding.SeverityHigh, true
	unseen.Changes, unseen.Next = nil, notes{say(finding.NextUnseenPart)}
	unseen.Notes = notes{
		say(finding.NoteUnseenPart, "AWS::IAM::Role trailkeeper-guard", "the role may not read it (AccessDenied)"),
		say(finding.NoteMoreUnseen, "3"),
	}
	recovered := deploymentLeft()
	recovered.Kind, recovered.Severity, recovered.Ended = finding.KindDeploymentRecovered, finding.SeverityLow, finding.KindDeploymentDiffers
	recovered.Changes, recovered.Next = nil, notes{say(finding.NextWhoChanged, recovered.Region, recovered.Subject.Name)}
	recovered.Notes = notes{say(finding.NoteAsDeployed), say(finding.NotePutRight)}
	return []Sample{
		{"deployment-restored", deploymentDiffers()},
		{"deployment-left", deploymentLeft()},
		{"deployment-many", deploymentMany()},
		{"deployment-unseen", unseen},
		{"deployment-recovered", recovered},
	}
}
