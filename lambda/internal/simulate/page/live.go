package page

import (
	_ "embed" // for the page and its script
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/webpage"
)

//go:embed live.gohtml
var liveText string

//go:embed live.js
var script string

var liveLayout = sync.OnceValues(func() (*template.Template, error) { return webpage.Parse(pageText + liveText) })

// Live is a deployment that runs, as the page shows it.
type Live struct {
	Endpoint, Mode string
	Commands       []string // to attack it from a terminal
	Attacks        []Attack
	Trails         []result.Trail
	// Run holds what happened, from its start until now.
	Run result.Result
}

// Attack is a button. Its ID is sent with the trail's ARN when it is pressed.
type Attack struct{ ID, Label string }

// Update is what the page's script puts into the page: parts by the IDs of their elements, and messages by their own,
// each of which it adds once. All of it is HTML.
type Update struct {
	Parts    map[string]string `json:"parts"`
	Messages []Part            `json:"messages"` // the oldest first
}

// Part is a piece of the page.
type Part struct {
	ID   string `json:"id"`
	HTML string `json:"html"`
}

// WriteLive writes the whole page.
func WriteLive(w io.Writer, l Live) error {
	return webpage.Write(w, liveLayout, "live", liveViewOf(l))
}

// UpdateOf is how the page changes until now.
func UpdateOf(l Live) (Update, error) {
	v := liveViewOf(l)
	u := Update{Parts: map[string]string{}, Messages: []Part{}}
	var failed error
	draw := func(name string, data any) string {
		var out strings.Builder
		failed = errors.Join(failed, webpage.Write(&out, liveLayout, name, data))
		return out.String()
	}
	for _, trail := range v.Trails {
		u.Parts[trail.ID] = draw("state", trail)
	}
	u.Parts["timeline"] = draw("timeline", v.Timeline)
	u.Parts["steps"] = draw("table", v.Steps)
	for _, m := range slices.Backward(v.Messages) {
		u.Messages = append(u.Messages, Part{m.ID, draw("message", m.message)})
	}
	return u, failed
}

// liveView is what the template shows.
type liveView struct {
	Head     template.HTML
	Endpoint string
	Mode     string
	Commands []string
	Attacks  []Attack
	Trails   []liveTrail
	Timeline *timeline
	Steps    webpage.Table
	Messages []liveMessage // the newest first
}

type liveTrail struct {
	ID, ARN, Name    string
	Tone, Sign, Text string
	Dark             string
}

type liveMessage struct {
	ID string
	message
}

// The bounds of a page that may stay open for hours.
const (
	maxEntries = 120
	maxSteps   = 15
)

func liveViewOf(l Live) liveView {
	v := liveView{
		Head:     webpage.Head(webpage.Style(style), script),
		Endpoint: l.Endpoint,
		Mode:     l.Mode,
		Commands: l.Commands,
		Attacks:  l.Attacks,
	}
	for i, t := range l.Trails {
		v.Trails = append(v.Trails, liveTrailOf(fmt.Sprintf("t%d", i+1), t))
	}
	first := max(len(l.Run.Timeline)-maxEntries, 0)
	v.Messages = liveMessagesOf(l.Run)
	recent := l.Run
	recent.Name = "the deployment"
	recent.Timeline = recent.Timeline[first:]
	if first > 0 {
		recent.Start = recent.Timeline[0].At
	}
	v.Timeline = timelineOf("now", recent, l.Trails...)
	v.Steps = webpage.Table{Caption: "The last steps", Head: v.Timeline.Table.Head, Words: true}
	rows := v.Timeline.Table.Rows
	for _, row := range slices.Backward(rows[max(len(rows)-maxSteps, 0):]) {
		v.Steps.Rows = append(v.Steps.Rows, row)
	}
	return v
}

func liveTrailOf(id string, t result.Trail) liveTrail {
	out := liveTrail{
		ID:   id,
		ARN:  t.ARN,
		Name: sanitize.Bound(result.NameOf(t.ARN), maxText),
		Dark: darkOf(t),
	}
	switch out.Text = string(t.Ends()); t.Ends() {
	case result.Recording:
		out.Tone, out.Sign = good, "✓"
	case result.Weakened:
		out.Tone, out.Sign = warn, "!"
	default:
		out.Tone, out.Sign = bad, "✕"
	}
	return out
}

// liveMessagesOf are the last messages, the newest first, numbered over the whole run.
func liveMessagesOf(r result.Result) []liveMessage {
	var all []liveMessage
	n := 0
	for _, e := range r.Timeline {
		if e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS {
			n++
			all = append(all, liveMessage{fmt.Sprintf("m%d", n), message{}})
			all[len(all)-1].message = messageOf(e, r)
		}
	}
	all = all[max(len(all)-maxMessages, 0):]
	slices.Reverse(all)
	return all
}
