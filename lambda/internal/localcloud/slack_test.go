package localcloud

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const otherHook = "https://hooks.slack.com/services/T0/B1/other"

// severalHooks adds a second webhook and a second bot to the secret.
func severalHooks(o *Options) {
	o.Secrets["app"] = `{"webhook":"` + hook + `","team":"` + otherHook + `","bot_token":"xoxb-1"}`
	o.Secrets["foreign"] = `{"foreign_bot":"xoxb-2"}`
}

// call calls Slack as the function does and returns the answer.
func callSlack(t *testing.T, env FunctionEnv, url, token, body string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := env.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := io.ReadAll(resp.Body)
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	out := map[string]any{"text": string(raw)}
	_ = json.Unmarshal(raw, &out) // a webhook answers with text
	return out
}

func TestThreads(t *testing.T) {
	c := newCloud(t, nil, severalHooks)
	asFunction(t, c, func(_ context.Context, _ aws.Config, env FunctionEnv) {
		post := func(method, token, body string) map[string]any {
			return callSlack(t, env, "https://slack.com/api/"+method, token, body)
		}
		ts, _ := post("chat.postMessage", "xoxb-1", `{"channel":"C1","text":"parent"}`)["ts"].(string)
		reply := post("chat.postMessage", "xoxb-1",
			`{"channel":"C1","text":"reply","thread_ts":"`+ts+`","reply_broadcast":true}`)
		replyTS, _ := reply["ts"].(string)
		if ts == "" || replyTS == "" || ts == replyTS {
			t.Fatalf("ts %q and %q", ts, replyTS)
		}
		for name, tt := range map[string]struct{ method, token, body, want string }{
			"a reply is no parent": {"chat.postMessage", "xoxb-1", `{"channel":"C1","text":"x","thread_ts":"` + replyTS +
				`"}`, "thread_not_found"},
			"no such message": {"chat.update", "xoxb-1", `{"channel":"C1","text":"x","ts":"1.2"}`, "message_not_found"},
			"another bot's message": {
				"chat.update", "xoxb-2", `{"channel":"C1","text":"x","ts":"` + ts + `"}`,
				"cant_update_message",
			},
			"an update without blocks": {"chat.update", "xoxb-1", `{"channel":"C1","ts":"` + ts + `"}`, "no_text"},
			"too long": {"chat.postMessage", "xoxb-1", `{"channel":"C1","text":"` + strings.Repeat("x", 40_001) +
				`"}`, "msg_too_long"},
			"an update": {"chat.update", "xoxb-1", `{"channel":"C1","text":"changed","ts":"` + ts + `"}`, ""},
		} {
			if got, _ := post(tt.method, tt.token, tt.body)["error"].(string); got != tt.want {
				t.Errorf("%s: got %q, want %q", name, got, tt.want)
			}
		}
		callSlack(t, env, hook, "", `{"text":"to the first"}`)
		callSlack(t, env, otherHook, "", `{"text":"to the second"}`)
		all := c.Channels()
		if got := all["C1"]; len(got) != 2 || got[0].Text != "changed" || got[0].First != "parent" || got[0].Updates != 1 ||
			got[1].Thread != ts || !got[1].Broadcast {
			t.Errorf("C1 has %+v", got)
		}
		if len(all) != 3 || all["secret:webhook"][0].Text != "to the first" || all["secret:team"][0].Text != "to the second" {
			t.Errorf("channels %+v", all)
		}
		if reply["message"].(map[string]any)["thread_ts"] != ts || !c.DeleteMessage("C1", ts) {
			t.Errorf("the reply is in %v", reply["message"])
		}
		for channel, thread := range map[string]string{"C1": ts, "C2": replyTS, "C3": "1.2"} {
			answer := post("chat.postMessage", "xoxb-1",
				`{"channel":"`+channel+`","text":"stray","thread_ts":"`+thread+`","reply_broadcast":true}`)
			message, _ := answer["message"].(map[string]any)
			posts := c.Channels()[channel]
			if _, says := message["thread_ts"]; answer["ok"] != true || says || posts[len(posts)-1].Thread != "" ||
				posts[len(posts)-1].Broadcast {
				t.Errorf("a reply to a message that is not in %s: %v, %+v", channel, answer, posts)
			}
		}
	})
	replies, updates := 0, 0
	for _, e := range of(c, KindSlack) {
		if e.Err == "" && e.Channel == "C1" && e.Thread != "" && e.Broadcast && e.TS != "" {
			replies++
		}
		if e.Err == "" && e.Update {
			updates++
		}
	}
	if replies != 1 || updates != 1 {
		t.Errorf("%d replies and %d updates are shown", replies, updates)
	}
}
