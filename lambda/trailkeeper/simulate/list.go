package simulate

import (
	"io"
	"strings"

	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/trailkeeper/cli"
)

// list writes a line for each scenario, by group. A terminal cuts what it cannot show; what is no terminal gets all.
func list(w io.Writer, chosen []scenarios.Scenario, t cli.Terminal) error {
	longest := 0
	for _, s := range chosen {
		longest = max(longest, len(s.Name))
	}
	var b strings.Builder
	group := ""
	for _, s := range chosen {
		if s.Group != group {
			if group != "" {
				b.WriteByte('\n')
			}
			group = s.Group
			b.WriteString(group + "\n")
		}
		line := "  " + s.Name + strings.Repeat(" ", longest-len(s.Name)) + "  " + s.Title
		if t.Live {
			line = sanitize.Truncate(line, t.Width)
		}
		b.WriteString(line + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
