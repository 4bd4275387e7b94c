package slack

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

var trailkeeper = clitest.Command(New)

// flatten reads the small part of YAML that the manifest uses, two blanks a level, into path: value.
func flatten(t *testing.T, text string) map[string]string {
	t.Helper()
	line := regexp.MustCompile(`^( *)(?:- (\S+)|([a-z_]+):(?: (.+))?)$`)
	got := make(map[string]string)
	var path []string
	for raw := range strings.Lines(text) {
		raw = strings.TrimSuffix(raw, "\n")
		if strings.HasPrefix(raw, "#") {
			continue
		}
		m := line.FindStringSubmatch(raw)
		if m == nil || len(m[1])%2 != 0 || len(m[1])/2 > len(path) {
			t.Fatalf("not understood: %q", raw)
		}
		path = path[:len(m[1])/2]
		switch {
		case m[2] != "":
			got[strings.Join(path, ".")] += m[2] + " "
		case m[4] != "":
			got[strings.Join(append(path, m[3]), ".")] = m[4]
		default:
			path = append(path, m[3])
		}
	}
	return got
}

func TestSlackManifest(t *testing.T) {
	code, out, errs := trailkeeper("", "slack", "manifest")
	if code != cli.ExitOK || errs != "" {
		t.Fatalf("exit %d, stderr %q", code, errs)
	}
	got := flatten(t, out)
	delete(got, "display_information.description")
	delete(got, "display_information.background_color")
	want := map[string]string{
		"display_information.name":        "Trailkeeper",
		"features.bot_user.display_name":  "Trailkeeper",
		"features.bot_user.always_online": "true",
		"oauth_config.scopes.bot":         "chat:write incoming-webhook ",
		"settings.org_deploy_enabled":     "false",
		"settings.socket_mode_enabled":    "false",
		"settings.token_rotation_enabled": "false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The manifest reference bounds the texts: name 35 characters, description 140, a bot's display name 80.
func TestSlackManifestFits(t *testing.T) {
	got := flatten(t, manifestText)
	for path, limit := range map[string]int{
		"display_information.name": 35, "display_information.description": 140, "features.bot_user.display_name": 80,
	} {
		if n := len(got[path]); n == 0 || n > limit {
			t.Errorf("%s has %d characters, want 1 to %d", path, n, limit)
		}
	}
}

func TestHelp(t *testing.T) {
	clitest.Help(t, trailkeeper, "help.golden", "slack")
	clitest.Help(t, trailkeeper, "help-manifest.golden", "slack", "manifest", "--help")
}
