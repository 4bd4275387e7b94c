package distribute

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/trailkeeper/cli"
)

// stages are the maps of the state machine, by their labels, and what each counts.
var stages = map[string]struct{ doing, one, many string }{
	"List":  {"listing", "list", "lists"},
	"Read":  {"reading", "shard", "shards"},
	"Merge": {"merging", "group of reports", "groups of reports"},
}

// progress shows how far an execution is.
type progress struct {
	Options
	execution string

	shown bool   // a line that may be replaced
	said  string // the last line where none may be
}

// clear takes the line away.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.Stderr, "\r\x1b[K")
		p.shown = false
	}
}

// show shows the newest map. What cannot be read is shown as that: the execution goes on.
func (p *progress) show(ctx context.Context) {
	runs, err := p.API.ListMapRuns(ctx, &sfn.ListMapRunsInput{ExecutionArn: aws.String(p.execution)})
	if err != nil {
		p.line("running; how far it is cannot be seen: " +
			cli.Explain("list its maps", "states:ListMapRuns", err, nil).Error())
		return
	}
	if len(runs.MapRuns) == 0 {
		p.line("planning")
		return
	}
	newest := slices.MaxFunc(runs.MapRuns, func(a, b types.MapRunListItem) int {
		return cmp.Compare(aws.ToTime(a.StartDate).UnixNano(), aws.ToTime(b.StartDate).UnixNano())
	})
	run, err := p.API.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: newest.MapRunArn})
	if err != nil {
		p.line("running; how far it is cannot be seen: " +
			cli.Explain("look at its maps", "states:DescribeMapRun", err, nil).Error())
		return
	}
	p.line(lineOf(labelOf(aws.ToString(newest.MapRunArn)), run, p.Now()))
}

// labelOf is the label in a map run's ARN: …:mapRun:STATE_MACHINE/LABEL:ID.
func labelOf(arn string) string {
	_, after, _ := strings.Cut(arn, "/")
	label, _, _ := strings.Cut(after, ":")
	return label
}

// line shows one line: in place of the last on a terminal, else where it says something new, but for the figures.
func (p *progress) line(text string) {
	if runes := []rune(text); len(runes) > cli.Columns-1 && p.Live {
		text = string(runes[:cli.Columns-2]) + "…"
	}
	if p.Live {
		fmt.Fprint(p.Stderr, "\r\x1b[K"+text)
		p.shown = true
		return
	}
	word, _, _ := strings.Cut(text, " ")
	if word != p.said {
		fmt.Fprintln(p.Stderr, text)
	}
	p.said = word
}

// lineOf is how far a map is: a bar, what is done, what runs, what failed, and the time that is left at this rate.
func lineOf(label string, run *sfn.DescribeMapRunOutput, now time.Time) string {
	const width = 20
	counts := run.ItemCounts
	if counts == nil {
		counts = &types.MapRunItemCounts{}
	}
	stage, known := stages[label]
	if !known {
		stage.doing, stage.one, stage.many = "running", "step", "steps"
	}
	failed := counts.Failed + counts.TimedOut + counts.Aborted
	done := counts.Succeeded + failed
	if counts.Total == 0 {
		return stage.doing + " " + stage.many
	}
	share := min(1, float64(done)/float64(counts.Total))
	full := int(share * width)
	bar := "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "] "
	line := fmt.Sprintf("%s/%s", backtest.Thousands(done), backtest.Counted(counts.Total, stage.one, stage.many))
	if counts.Running > 0 {
		line += fmt.Sprintf(", %s running", backtest.Thousands(counts.Running))
	}
	if failed > 0 {
		line += fmt.Sprintf(", %s failed", backtest.Thousands(failed))
	}
	const longest = 1000 * time.Hour
	if passed := now.Sub(aws.ToTime(run.StartDate)); done > 0 && done < counts.Total && run.StartDate != nil {
		if left := float64(passed) * (1 - share) / share; left >= float64(time.Second) && left < float64(longest) {
			line += ", " + finding.Duration(time.Duration(left).Round(time.Second)) + " left"
		}
	}
	if len(stage.doing)+1+len(bar)+len(line) >= cli.Columns {
		bar = "" // the figures say it as well
	}
	return stage.doing + " " + bar + line
}
