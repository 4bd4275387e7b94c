package baseline

import (
	"testing"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

// written is the baseline that the command wrote.
func written(t *testing.T, l *clitest.Loopback) baseline.Baseline {
	t.Helper()
	b, err := baseline.Parse(baseline.FileName(mainTrail), clitest.Read(t, fileOf(l, mainTrail)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCaptureEvidence: the bucket is described with the owner that every call expects; without the flag what a file says
// stays, and of another account's bucket nothing is written.
func TestCaptureEvidence(t *testing.T) {
	l := clitest.NewLoopback(t, New, []localcloud.TrailSeed{healthyTrail(mainTrail)}...)
	l.Want(cli.ExitOK, "baseline capture", "written")
	if b := written(t, l); b.Bucket != nil || b.Key != nil {
		t.Errorf("without --evidence: %+v", b)
	}
	l.Want(cli.ExitOK, "baseline capture --evidence --force", "written")
	b := written(t, l)
	if b.Bucket == nil || b.Bucket.Owner != "111122223333" || b.Bucket.Region != "eu-west-1" || b.Bucket.PolicySHA256 == "" ||
		b.Bucket.Lifecycle == nil || b.Bucket.Lifecycle.ExpirationDays != 0 || b.Bucket.Versioning != baseline.VersioningOff {
		t.Errorf("%+v", b.Bucket)
	}
	l.Want(cli.ExitOK, "baseline capture --evidence", "unchanged")
	l.Want(cli.ExitOK, "baseline capture", "unchanged")
	weaken(t, l)
	l.Want(cli.ExitOK, "baseline accept --trail management-events --yes --force", "written")
	if b := written(t, l); b.Bucket == nil {
		t.Error("accept leaves the bucket out")
	}
	l.Want(cli.ExitOK, "baseline capture --evidence --bucket-owner 444455556666 --force", "left out")
	if b := written(t, l); b.Bucket != nil {
		t.Errorf("%+v", b.Bucket)
	}
	l.Want(cli.ExitUsage, "baseline capture --bucket-owner 444455556666", "bucket-owner")
}
