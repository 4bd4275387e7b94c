package baseline

import (
	"os"
	"strings"
	"testing"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

// An older CloudTrail and emulators do not know GetEventConfiguration; what they answer instead differs. The trails are
// captured without it, and a line says so.
func TestBaselineCaptureWithoutEventConfiguration(t *testing.T) {
	for name, tt := range map[string]struct {
		fault localcloud.Fault
		said  string // empty: the trails are refused
	}{
		"unknown": {
			localcloud.Fault{Kind: localcloud.FaultError, Status: 400, Code: "UnknownOperationException"},
			"UnknownOperation",
		},
		"unsupported": {
			localcloud.Fault{Kind: localcloud.FaultError, Status: 400, Code: "UnsupportedOperationException"},
			"UnsupportedOperation",
		},
		"not in this": {
			localcloud.Fault{Kind: localcloud.FaultError, Status: 501, Code: "InternalFailure"},
			"InternalFailure",
		},
		"a page, 400": {localcloud.Fault{Kind: localcloud.FaultGarbage, Status: 400}, "HTTP status 400"},
		"a page, 404": {localcloud.Fault{Kind: localcloud.FaultGarbage, Status: 404}, "HTTP status 404"},
		"a page, 500": {localcloud.Fault{Kind: localcloud.FaultGarbage, Status: 500}, "HTTP status 500"},
		"denied": {localcloud.Fault{
			Kind:    localcloud.FaultError,
			Status:  400,
			Code:    "AccessDeniedException",
			Message: "no identity-based policy allows it",
		}, ""},
		"really failing": {localcloud.Fault{Kind: localcloud.FaultError, Status: 500, Code: "InternalFailure"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := clitest.NewLoopback(t, New, healthyTrail(mainTrail), healthyTrail(archiveTrail))
			tt.fault.Service, tt.fault.Operation, tt.fault.By = "cloudtrail", "GetEventConfiguration", localcloud.AnyCaller
			l.Cloud.Inject(tt.fault)
			if tt.said == "" {
				l.Want(cli.ExitFailed, "baseline capture", "CANNOT SEE The event configuration")
				return
			}
			l.Want(cli.ExitOK, "baseline capture",
				"without The endpoint does not know GetEventConfiguration ("+tt.said+"): the event configuration counts as not "+
					"set. written")
			for _, arn := range []string{mainTrail, archiveTrail} {
				b, err := baseline.Parse(baseline.FileName(arn), clitest.Read(t, fileOf(l, arn)))
				if err != nil || b.Trail.Events.MaxEventSize != "" || !b.Trail.Logging {
					t.Errorf("%+v, %v", b.Trail, err)
				}
			}
			l.Want(cli.ExitOK, "baseline capture", "2 trails: 2 unchanged.")
			l.Want(cli.ExitOK, "baseline diff", "2 trails: 2 as in the baseline.")
		})
	}
}

// An organization's trail is a shadow in the accounts that do not own it, a delegated administrator's among them: it is
// named there, and captured where somebody means it.
func TestBaselineCaptureByADelegatedAdministrator(t *testing.T) {
	const organization = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization"
	l := clitest.NewLoopback(t, New,
		healthyTrail(mainTrail),
		localcloud.TrailSeed{
			ARN:          organization,
			Logging:      true,
			MultiRegion:  true,
			Organization: true,
		},
		localcloud.TrailSeed{
			ARN:          "arn:aws:cloudtrail:us-east-1:999988887777:trail/elsewhere",
			Logging:      true,
			MultiRegion:  true,
			Organization: true,
		},
	)
	_, out, _ := l.Run("baseline", "capture")
	if strings.Contains(out, "elsewhere") {
		t.Errorf("a trail of another Region is shown: %s", out)
	}
	l.Want(cli.ExitOK, "baseline capture",
		"It belongs to account 999988887777: capture it there. "+
			"A delegated administrator captures it here with: --trail "+organization)
	if _, err := os.Stat(fileOf(l, organization)); err == nil {
		t.Error("it was captured unasked")
	}
	l.Want(cli.ExitOK, "baseline capture --trail "+organization, "1 trail: 1 written.")
	b, err := baseline.Parse(baseline.FileName(organization), clitest.Read(t, fileOf(l, organization)))
	if err != nil || !b.Trail.Settings.Organization || !b.Trail.Logging {
		t.Errorf("%+v, %v", b.Trail, err)
	}
}
