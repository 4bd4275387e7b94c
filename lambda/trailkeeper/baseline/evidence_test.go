package baseline

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

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

// TestDiffEvidence: a bucket that is worse than its file has it weakens the trail, one that may not be read is not seen,
// and one that no file describes is not asked about.
func TestDiffEvidence(t *testing.T) {
	for name, test := range map[string]struct {
		capture string
		deny    bool
		code    int
		says    []string
	}{
		"described":     {"--evidence", false, cli.ExitFailed, []string{"WORSE", "policy: as captured → none", "1 trail: 1 weakened"}},
		"not readable":  {"--evidence", true, cli.ExitFailed, []string{"CANNOT SEE", "The policy of the bucket", "1 trail: 1 not fully seen"}},
		"not described": {"", false, cli.ExitOK, []string{"1 trail: 1 as in the baseline"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := clitest.NewLoopback(t, New, []localcloud.TrailSeed{healthyTrail(mainTrail)}...)
			l.Want(cli.ExitOK, "baseline capture --force "+test.capture, "written")
			l.Want(cli.ExitOK, "baseline diff", "as in the baseline")
			if test.deny {
				l.Cloud.AddPrincipal(localcloud.Principal{
					AccessKey: "operator", Account: "111122223333", UserName: "operator",
					Denied: map[string]string{"s3:GetBucketPolicy": localcloud.NoIdentityPolicy},
				})
			} else {
				unpolicy(t)
			}
			for _, says := range test.says {
				l.Want(test.code, "baseline diff", says)
			}
			if test.capture != "" {
				l.Want(test.code, "baseline diff --json", `"evidence":[{"resource":"arn:aws:s3:::log-archive-111122223333","changes":[`)
			}
		})
	}
}

// unpolicy deletes the policy of the trail's bucket.
func unpolicy(t *testing.T) {
	t.Helper()
	cfg, err := awsconfig.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	api := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := api.DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: aws.String("log-archive-111122223333")}); err != nil {
		t.Fatal(err)
	}
}
