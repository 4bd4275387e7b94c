package checks_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/config/file"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/checks"
)

// service is a fake of AWS: what each operation answers, and what was asked.
type service struct {
	answers map[string]any // a map[string]any, or an error
	asked   []string       // "Operation {input}"

	all       []deployment.Deployed // of the deployment
	record    deployment.Record
	documents state.Documents
	local     bool
}

// Call implements awsapi.Caller.
func (s *service) Call(_ context.Context, c awsapi.Call) (map[string]any, error) {
	s.asked = append(s.asked, c.Region+" "+c.Operation+" "+file.Line(c.Input))
	switch answer := s.answers[c.Operation].(type) {
	case error:
		return nil, answer
	case map[string]any:
		return answer, nil
	}
	return nil, fmt.Errorf("the test has no answer to %s", c.Operation)
}

func refused(code string) error { return &smithy.GenericAPIError{Code: code} }

// tools are those of a run.
func (s *service) tools() checks.Tools {
	return checks.Tools{Call: s.Call, All: s.all, Record: s.record, Documents: s.documents, Local: s.local, Clock: clock.Clock{
		Now:   func() time.Time { return time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC) },
		Sleep: func(context.Context, time.Duration) error { return nil },
	}}
}

// check compares a resource in a run of its own.
func (s *service) check(t *testing.T, of deployment.Deployed) ([]check.Difference, error) {
	t.Helper()
	of.Region = "eu-west-1"
	checked, ok := checks.Types(s.tools())[of.Type]
	if !ok {
		t.Fatalf("no check of %s", of.Type)
	}
	return checked(t.Context(), of)
}

// fields is a line for each difference without the repair and the next step.
func fields(all []check.Difference) string {
	var lines []string
	for _, d := range all {
		lines = append(lines, d.Field+": "+d.Want+" -> "+d.Got)
	}
	return strings.Join(lines, "\n")
}

// text is a line for each difference: what differs, and whether there is a repair.
func text(all []check.Difference) string {
	var lines []string
	for _, d := range all {
		line := d.Field + ": " + d.Want + " -> " + d.Got
		switch {
		case d.Repair != nil && d.ByName:
			line += " (repaired by name)"
		case d.Repair != nil:
			line += " (repaired)"
		}
		if d.Next != "" {
			line += " [" + d.Next + "]"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// repair does the repair of each difference, and returns what it asked.
func (s *service) repair(t *testing.T, all []check.Difference) []string {
	t.Helper()
	s.asked = nil
	for _, d := range all {
		if d.Repair == nil {
			continue
		}
		if err := d.Repair(t.Context()); err != nil {
			t.Error(err)
		}
	}
	return slices.Compact(s.asked)
}
