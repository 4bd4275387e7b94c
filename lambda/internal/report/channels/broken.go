package channels

import (
	"context"
	"fmt"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
)

// Broken stands for a channel or a queue whose settings are wrong: it refuses everything and says why.
type Broken struct {
	Destination string // empty: a queue
	Problems    config.Problems
}

// Name is the destination's name.
func (b Broken) Name() string { return b.Destination }

// Notify refuses.
func (b Broken) Notify(context.Context, finding.Finding) error { return b.why() }

// Park refuses.
func (b Broken) Park(context.Context, report.Parked) (string, error) { return "", b.why() }

func (b Broken) why() error {
	return fmt.Errorf("wrong settings: %s", strings.ReplaceAll(b.Problems.Error(), "\n", "; "))
}
