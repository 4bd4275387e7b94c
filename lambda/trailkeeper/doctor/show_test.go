package doctor

import "testing"

// TestAgain: the command line that is shown asks about the same deployment, and quotes what a shell would read.
func TestAgain(t *testing.T) {
	cmd := New()
	if err := cmd.ParseFlags([]string{"--json", "--post", "--profile", "it's", "--region", "eu-west-1", "--stack", "other", "--dir", "a b"}); err != nil {
		t.Fatal(err)
	}
	const want = `trailkeeper doctor --profile 'it'\''s' --region eu-west-1 --stack other --dir 'a b'`
	if got := again(cmd); got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if got := again(New()); got != "trailkeeper doctor" {
		t.Errorf("%s", got)
	}
}
