package own_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/checks/own"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

func want(t *testing.T, got []verdict.Verdict, status verdict.Status, says string) {
	t.Helper()
	if len(got) != 1 || got[0].Status != status || !strings.Contains(got[0].Says, says) || (got[0].Do == "") != (status == verdict.OK) {
		t.Errorf("%+v; want %s, %q", got, status, says)
	}
}

// TestStack: a stack is well where its last deployment is known to have gone through.
func TestStack(t *testing.T) {
	for is, test := range map[string]struct {
		status verdict.Status
		says   string
	}{
		"CREATE_COMPLETE":             {verdict.OK, "protected from deletion"},
		"UPDATE_COMPLETE":             {verdict.OK, "protected from deletion"},
		"IMPORT_COMPLETE":             {verdict.OK, "protected from deletion"},
		"CREATE_FAILED":               {verdict.Error, "is CREATE_FAILED."},
		"UPDATE_ROLLBACK_FAILED":      {verdict.Error, "is UPDATE_ROLLBACK_FAILED."},
		"ROLLBACK_COMPLETE":           {verdict.Error, "there is nothing of it"},
		"UPDATE_ROLLBACK_COMPLETE":    {verdict.Warning, "was rolled back"},
		"IMPORT_ROLLBACK_COMPLETE":    {verdict.Warning, "was rolled back"},
		"UPDATE_IN_PROGRESS":          {verdict.Warning, "what follows may change"},
		"REVIEW_IN_PROGRESS":          {verdict.Warning, "what follows may change"},
		"UPDATE_ROLLBACK_IN_PROGRESS": {verdict.Warning, "what follows may change"},
		"DELETE_COMPLETE":             {verdict.Unknown, "says nothing of its last deployment"},
		"":                            {verdict.Unknown, "says nothing"},
		"SOMETHING_NEW_COMPLETE":      {verdict.Unknown, "says nothing"},
	} {
		want(t, own.Stack(t.Context(), &deployed.Deployment{Stack: "trailkeeper", Status: is, Protected: true}), test.status, test.says)
	}
	want(t, own.Stack(t.Context(), &deployed.Deployment{Stack: "trailkeeper", Status: "UPDATE_COMPLETE"}), verdict.Warning, "one call deletes it")
}

// TestFunctions: a function that is not active, or would refuse its settings, is an error; one that was not read is unknown.
func TestFunctions(t *testing.T) {
	type function = deployed.Function[config.Guard]
	coded := func(code string) error { return &smithy.GenericAPIError{Code: code, Message: "x"} }
	well := function{Name: "guard", State: "Active", Settings: config.Guard{Mode: config.ModeRestart, WardenMode: config.ModeNotify}}
	change := func(f func(*function)) function { changed := well; f(&changed); return changed }
	for name, test := range map[string]struct {
		guard  function
		status verdict.Status
		says   string
	}{
		"well":        {well, verdict.OK, "in mode restart"},
		"inactive":    {change(func(f *function) { f.State = "Inactive" }), verdict.Error, "is Inactive and not Active"},
		"failed":      {change(func(f *function) { f.State = "Failed" }), verdict.Error, "is Failed and not Active"},
		"no state":    {change(func(f *function) { f.State = "" }), verdict.Unknown, "does not say"},
		"refuses":     {change(func(f *function) { f.Wrong = errors.New("MODE is x;\nwant y") }), verdict.Error, "refuses its settings: MODE is x;; want y."},
		"gone":        {change(func(f *function) { f.Err = coded("ResourceNotFoundException") }), verdict.Error, "is gone"},
		"not allowed": {change(func(f *function) { f.Err = coded("AccessDeniedException") }), verdict.Unknown, "lambda:GetFunctionConfiguration"},
		"not there":   {function{Err: deployed.ErrNoFunction}, verdict.Error, "has no output FunctionName"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, own.Guard(t.Context(), &deployed.Deployment{Stack: "trailkeeper", Guard: test.guard}), test.status, test.says)
		})
	}
	for name, test := range map[string]struct {
		d      deployed.Deployment
		status verdict.Status
		says   string
	}{
		"there": {deployed.Deployment{Guard: well, Warden: deployed.Function[config.Warden]{
			Name: "warden", State: "Active", Settings: config.Warden{Mode: config.ModeNotify},
		}}, verdict.OK, "in mode notify"},
		"refuses": {deployed.Deployment{Guard: well, Warden: deployed.Function[config.Warden]{
			Name: "warden", State: "Active", Wrong: errors.New("x"),
		}}, verdict.Error, "The warden refuses its settings"},
		"elsewhere":            {deployed.Deployment{Guard: well}, verdict.Unknown, "is in another Region"},
		"none":                 {deployed.Deployment{Guard: change(func(f *function) { f.Settings.WardenMode = "" })}, verdict.Warning, "There is no warden"},
		"a guard that refuses": {deployed.Deployment{Guard: change(func(f *function) { f.Wrong = errors.New("x") })}, verdict.Unknown, "is not known"},
		"an unread guard":      {deployed.Deployment{Guard: change(func(f *function) { f.Err = errors.New("x") })}, verdict.Unknown, "is not known"},
	} {
		t.Run("warden "+name, func(t *testing.T) { want(t, own.Warden(t.Context(), &test.d), test.status, test.says) })
	}
}

// TestRules: a rule must be there, enabled and have a target; where there is none, nothing arrives.
func TestRules(t *testing.T) {
	type answers = clitest.Answers
	state := func(is string) clitest.Answer { return clitest.Say(clitest.Object{"State": is}) }
	targets := func(n int) clitest.Answer {
		return clitest.Say(clitest.Object{"Targets": make([]clitest.Object, n)})
	}
	const describe, list = "DescribeRule", "ListTargetsByRule"
	for name, test := range map[string]struct {
		answers answers
		rules   []string
		status  verdict.Status
		says    string
	}{
		"enabled":     {nil, []string{"a", "bus|b"}, verdict.OK, "All 2 EventBridge rules are enabled and have targets"},
		"for all":     {answers{describe: state("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")}, []string{"a"}, verdict.OK, "All 1"},
		"disabled":    {answers{describe: state("DISABLED")}, []string{"a"}, verdict.Error, "are disabled: a."},
		"no state":    {answers{describe: state("")}, []string{"a"}, verdict.Error, "are disabled: a."},
		"no target":   {answers{list: targets(0)}, []string{"a", "bus|b"}, verdict.Error, "have no target, so that nothing comes of what they match: a, b."},
		"gone":        {answers{describe: clitest.Refuse("ResourceNotFoundException", "x")}, []string{"bus|b"}, verdict.Error, "are gone: b."},
		"refused":     {answers{describe: clitest.Refuse("AccessDeniedException", "x")}, []string{"a"}, verdict.Unknown, "events:DescribeRule"},
		"not listed":  {answers{list: clitest.Refuse("AccessDeniedException", "x")}, []string{"a"}, verdict.Unknown, "events:ListTargetsByRule"},
		"none at all": {nil, nil, verdict.Error, "The stack has no EventBridge rule"},
	} {
		t.Run(name, func(t *testing.T) {
			all := answers{describe: state("ENABLED"), list: targets(1)}
			maps.Copy(all, test.answers)
			all.Serve(t)
			cfg, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
			if err != nil {
				t.Fatal(err)
			}
			d := &deployed.Deployment{AWS: cfg, Stack: "trailkeeper"}
			for _, rule := range test.rules {
				d.Resources = append(d.Resources, deployed.Resource{Name: rule, Type: "AWS::Events::Rule"})
			}
			want(t, own.Rules(t.Context(), d), test.status, test.says)
		})
	}
}
