package simulate

import (
	"fmt"
	"io"
	"strings"

	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/trailkeeper/cli"
)

// list writes a line for each scenario, by group. On a terminal a title goes on below itself; what is no terminal gets
// whole lines.
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
		title := []string{s.Title}
		if t.Live {
			title = cli.Wrap(s.Title, t.Width-longest-4)
		}
		for i, line := range title {
			fmt.Fprintf(&b, "  %-*s  %s\n", longest, cli.Choose(i == 0, s.Name, ""), line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
