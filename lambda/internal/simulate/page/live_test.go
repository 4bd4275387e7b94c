package page_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/page"
	"trailkeeper/lambda/internal/simulate/result"
)

// running is a deployment with two trails, one of which is dark.
func running() page.Live {
	r := stopped()
	dark := r.Trail
	dark.ARN, dark.Phases = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/<b>", []result.Phase{
		{From: after(2 * time.Second), To: after(10 * time.Second), State: result.Deleted},
	}
	return page.Live{
		Endpoint: "http://127.0.0.1:4566",
		Mode:     "restart",
		Commands: []string{"aws cloudtrail stop-logging --name x"},
		Attacks:  []page.Attack{{ID: "stop", Label: "Stop logging"}},
		Trails:   []result.Trail{r.Trail, dark},
		Run:      r,
	}
}

func TestWriteLive(t *testing.T) {
	var out bytes.Buffer
	if err := page.WriteLive(&out, running()); err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, "testdata/live.html", out.String(), *update)
}

// TestUpdateOf: the parts are those of the page, and a message keeps its ID when more arrive.
func TestUpdateOf(t *testing.T) {
	l := running()
	var whole bytes.Buffer
	if err := page.WriteLive(&whole, l); err != nil {
		t.Fatal(err)
	}
	u, err := page.UpdateOf(l)
	if err != nil {
		t.Fatal(err)
	}
	for id, html := range u.Parts {
		if !strings.Contains(whole.String(), `id="`+id+`"`) || !strings.Contains(whole.String(), html) {
			t.Errorf("part %s is not on the page as it is: %.200s", id, html)
		}
	}
	l.Run.Timeline = l.Run.Timeline[:2]
	if none, err := page.UpdateOf(l); err != nil || none.Messages == nil {
		t.Errorf("without messages: %+v, %v", none.Messages, err) // null would be no list to the script
	}
	l = running()
	if len(u.Parts) != 4 || len(u.Messages) != 4 || u.Messages[0].ID != "m1" || u.Messages[3].ID != "m4" {
		t.Errorf("%d parts, messages %+v", len(u.Parts), u.Messages)
	}
	if !strings.Contains(u.Parts["t1"], "✓ recording") || !strings.Contains(u.Parts["t2"], "✕ deleted") {
		t.Errorf("states: %q, %q", u.Parts["t1"], u.Parts["t2"])
	}
	for i := range 300 {
		l.Run.Timeline = append(l.Run.Timeline, localcloud.Entry{
			At:      after(time.Duration(20+i) * time.Second),
			Kind:    localcloud.KindSNS,
			Subject: fmt.Sprint("message ", i),
		})
	}
	l.Run.End = after(400 * time.Second)
	u, err = page.UpdateOf(l)
	if err != nil {
		t.Fatal(err)
	}
	last := u.Messages[len(u.Messages)-1]
	if len(u.Messages) != 24 || last.ID != "m304" || !strings.Contains(last.HTML, "message 299") {
		t.Errorf("%d messages, the last is %s: %.200s", len(u.Messages), last.ID, last.HTML)
	}
	if n := strings.Count(u.Parts["timeline"], "<path class=\"m "); n > 120 {
		t.Errorf("%d dots", n)
	}
}
