package settings

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
)

// Evidence is the rules on calls that take a trail's evidence away; see package rules/evidence.
type Evidence struct {
	Enabled bool
	// EnableKeys has the guard enable the key of a trail again; see config.Guard.
	EnableKeys bool
}

func evidenceSettings() []setting {
	return []setting{
		flag("evidence.enabled", false, "[Rules](#evidence) on calls that take evidence away: on the bucket, log files, key and "+
			"log group that the baselines name, and on CloudTrail Lake, the organization and the account. They go to the guard and to path 1."),
		flag("evidence.enableKeys", false, "In modes `restore` and `recreate`, enable the key of a trail again, and cancel its "+
			"deletion, where [the trail's baseline](../lambda/README.md#bucket-and-key) says that it is enabled."),
	}
}

func evidenceContradictions(s Settings, p *problems) {
	p.add(s.Evidence.EnableKeys && !s.Mode.AtLeast(config.ModeRestore), "evidence.enableKeys mode",
		"evidence.enableKeys is true, and mode is %s, which restores nothing but logging; want mode restore or recreate",
		s.Mode)
}

// global is services whose calls are recorded in one Region of a partition alone.
type global struct{ services, region string }

// globals are IAM, Organizations and Account Management of each partition (CloudTrail User Guide, "CloudTrail concepts",
// global service events; the Regions as the AWS CLI's endpoints.json has them).
var globals = map[string][]global{
	"aws":        {{"IAM, Organizations and Account Management", "us-east-1"}},
	"aws-cn":     {{"IAM", "cn-north-1"}, {"Organizations and Account Management", "cn-northwest-1"}},
	"aws-us-gov": {{"IAM, Organizations and Account Management", "us-gov-west-1"}},
}

// EvidenceNotes says, one text for each, what the rules on evidence and the guard's reads cannot see by themselves, and
// where a rule that forwards events is needed. What the settings leave open is not said.
func EvidenceNotes(s Settings, all []baseline.Baseline) []string {
	var notes []string
	add := func(is bool, format string, args ...any) {
		if is {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	region := s.Env.Region
	for _, g := range globals[placeOf(region).Partition] {
		add(s.Evidence.Enabled && region != "" && region != g.region,
			"evidence.enabled: calls on %s are recorded in %s alone, and the stack is in %s: its rules see them only where a rule "+
				"in %s forwards them to the event bus here", g.services, g.region, region, g.region)
	}
	add(s.Evidence.Enabled && len(all) == 0, "evidence.enabled: there is no baseline, so that no bucket, key or log group is known at "+
		"synth: only calls on CloudTrail Lake, the organization and the account are reported. Write baselines with trailkeeper baseline capture")
	for _, b := range all {
		of := "baseline " + baseline.FileName(b.Trail.ARN) + ": "
		if b.Bucket != nil {
			notes = append(notes, elsewhereNotes(s, of+"bucket "+b.Trail.Settings.S3Bucket, b.Bucket.Owner, b.Bucket.Region, reading)...)
		}
		if key, ok := config.FormKey.Parse(b.Trail.Settings.KMSKeyID); ok && (s.Evidence.Enabled || b.Key != nil) {
			notes = append(notes, elsewhereNotes(s, of+"key "+b.Trail.Settings.KMSKeyID, key.Account, key.Region, reading)...)
		}
		if group, err := config.ParseARN(b.Trail.Settings.LogGroupARN); err == nil && s.Evidence.Enabled {
			short := strings.TrimSuffix(b.Trail.Settings.LogGroupARN, ":*")
			notes = append(notes, elsewhereNotes(s, of+"log group "+short, group.Account, group.Region, "")...)
		}
	}
	return notes
}

// reading is what the sweep needs of another account; of a log group it reads nothing.
const reading = ". Reading it takes a policy there that lets the guard's role in; what it may not read it reports as unknown"

// elsewhereNotes is about a resource of another account or Region. Further follows what is said of another account's.
func elsewhereNotes(s Settings, what, account, region, further string) (notes []string) {
	ours := s.Env.Account == "" || account == s.Env.Account
	there := s.Env.Region == "" || region == s.Env.Region
	switch {
	case !ours:
		notes = append(notes, fmt.Sprintf("%s is of account %s: Trailkeeper only reports what happens to it, and changes nothing. "+
			"Calls on it are recorded in that account, in %s: a rule there must forward them to the event bus of this stack%s",
			what, account, region, further))
	case !there && s.Evidence.Enabled:
		notes = append(notes, fmt.Sprintf("%s is in %s, where calls on it are recorded, and the stack is in %s: a rule there must "+
			"forward them to the event bus here", what, region, s.Env.Region))
	}
	return notes
}
