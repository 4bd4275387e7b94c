package guardrail

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/rules/guardrail"
)

// settings are those of the app that the policies depend on, by the keys of cdk/README.md, "Settings". What else
// stands there, and whether it is right, the synth says.
type settings struct {
	StackName           string
	Baselines           string
	OrganizationID      string
	Secret              string
	SecretKeyARN        string
	EncryptionKey       string
	DeployRole          string
	PermissionsBoundary string
	Bus                 string
	Function            struct{ Name, FailureQueueARN string }
	SNS                 struct {
		TopicARN, TopicKeyARN, TopicName string
		RouteKeyARNs                     []string
	}
	MetricFilters struct{ LogGroup, TopicARN string }
	Archive       struct {
		Buckets   []struct{ Name, Key, Source string }
		LogGroups []string
	}
	Canary, FirstTrail struct{ Key string }
	Env                struct{ Account string }
	Guardrail          struct{ BreakGlass, Keys, AttachTo []string }
}

// deployment is what the settings and the flags say.
func (f *options) deployment() (guardrail.Deployment, error) {
	s, qualifier, err := f.read()
	if err != nil {
		return guardrail.Deployment{}, err
	}
	d := guardrail.Deployment{
		Stack:        s.StackName,
		Account:      cmp.Or(f.account, s.Env.Account),
		Qualifier:    qualifier,
		DeployRoles:  append([]string{s.DeployRole}, f.deployRoles...),
		BreakGlass:   append(s.Guardrail.BreakGlass, f.breakGlass...),
		Organization: cmp.Or(f.organization, s.OrganizationID),
		Boundary:     s.PermissionsBoundary,
		Secret:       s.Secret,
		Function:     s.Function.Name,
		Bus:          s.Bus,
		TopicNames:   []string{s.SNS.TopicName},
		Topics:       []string{s.SNS.TopicARN, s.MetricFilters.TopicARN},
		LogGroups:    append([]string{s.MetricFilters.LogGroup}, s.Archive.LogGroups...),
		Queues:       []string{s.Function.FailureQueueARN},
		Keys: slices.Concat([]string{s.SecretKeyARN, s.SNS.TopicKeyARN}, s.Guardrail.Keys, f.keys,
			[]string{s.EncryptionKey, s.Canary.Key, s.FirstTrail.Key}, s.SNS.RouteKeyARNs),
	}
	if len(f.targets) == 0 {
		f.targets = s.Guardrail.AttachTo
	}
	d.Trails, err = trails(filepath.Join(filepath.Dir(f.settings), s.Baselines))
	for _, b := range s.Archive.Buckets {
		d.Trails = append(d.Trails, guardrail.Trail{Bucket: b.Name, Key: b.Key})
		d.Topics = append(d.Topics, b.Source)
	}
	return d.Clean(), err
}

// read finds the settings in cdk.json, or in a file that has them alone, and the bootstrap's qualifier.
func (f *options) read() (s settings, qualifier string, err error) {
	s.StackName, s.Baselines = "trailkeeper", "cdk/baselines"
	raw, err := os.ReadFile(f.settings)
	if err != nil {
		return s, "", cli.Usage("read the settings: " + err.Error())
	}
	var app struct{ Context map[string]json.RawMessage }
	wrong := func(err error) error { return cli.Usage(f.settings + ": " + err.Error()) }
	if err := json.Unmarshal(raw, &app); err != nil {
		return s, "", wrong(err)
	}
	qualifier = "trailkpr"
	objects := []json.RawMessage{raw}
	if app.Context != nil {
		objects = []json.RawMessage{app.Context["trailkeeper"], app.Context["trailkeeper:"+f.region]}
		if own, ok := app.Context["@aws-cdk/core:bootstrapQualifier"]; ok {
			if err := json.Unmarshal(own, &qualifier); err != nil {
				return s, "", wrong(err)
			}
		}
	}
	for _, object := range objects {
		if object == nil {
			continue
		}
		if err := json.Unmarshal(object, &s); err != nil {
			return s, "", wrong(err)
		}
	}
	if problem := cli.BadStack(s.StackName); problem != "" {
		return s, "", wrong(errors.New("stackName is no name of a stack"))
	}
	return s, qualifier, nil
}

// trails are those with a baseline in the folder, which need not exist.
func trails(folder string) ([]guardrail.Trail, error) {
	files, err := baseline.ReadAll(os.DirFS(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, cli.Usage("read the baselines: " + err.Error())
	}
	var all []guardrail.Trail
	for _, f := range files {
		at := f.Baseline.Trail.Settings
		all = append(all, guardrail.Trail{Bucket: at.S3Bucket, Key: at.KMSKeyID, LogGroup: at.LogGroupARN})
	}
	return all, nil
}
