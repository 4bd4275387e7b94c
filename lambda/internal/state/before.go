package state

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// This file reads the items of the versions that kept each fact in an attribute of its own. Such an item counts as a
// document's first version, and the first change replaces it. Once no table has one any more, the file can go:
// incidents and trails are kept for 90 days after they were last changed, and versions of baselines for a year.

// before returns the document that an item stands for; nothing where it holds nothing.
func before(kind string, i item) []byte {
	content := map[string]any{}
	for _, f := range fieldsBefore[kind] {
		if v := f.read(i[f.attribute]); v != nil {
			under := content
			if f.below != "" {
				under, _ = content[f.below].(map[string]any)
				if under == nil {
					under = map[string]any{}
					content[f.below] = under
				}
			}
			under[f.name] = v
		}
	}
	switch kind {
	case "incident":
		return []byte(textOf(i["text"]))
	case "trail":
		if all := approvedBefore(i); len(all) > 0 {
			content["approved"] = all
		}
		if recorded := content["recorded"]; recorded == nil && i["baseline"] != nil {
			content["recorded"] = map[string]any{"version": 1}
		}
	}
	if len(content) == 0 {
		return nil
	}
	body, err := json.Marshal(content)
	if err != nil {
		return nil // it always encodes
	}
	return body
}

// fieldBefore is where an attribute's value belongs: a name of the document, or one below another.
type fieldBefore struct {
	attribute   string
	below, name string
	read        func(types.AttributeValue) any
}

var fieldsBefore = map[string][]fieldBefore{
	"told": {{"sign", "", "sign", textBefore}, {"state", "", "state", stateBefore}, {"until", "", "until", timeBefore}},
	"event": {
		{"digest", "", "digest", textBefore},
		{"state", "", "state", stateBefore},
		{"until", "", "until", timeBefore},
	},
	"thread": {{"message", "", "message", textBefore}, {"until", "", "until", timeBefore}},
	"sweep":  {{"seen", "", "at", timeBefore}},
	"repeat": {
		{"text", "", "last", textBefore},
		{"count", "", "count", numberBefore},
		{"told", "", "summed", numberBefore},
		{"again", "", "again", timeBefore},
		{"since", "", "since", timeBefore},
		{"event", "", "event", textBefore},
		{"spent", "", "spent", numberBefore},
	},
	"trail": {
		{"seen", "", "seen", timeBefore},
		{"disturbed", "", "tamperedAt", timeBefore},
		{"held", "", "held", timeBefore},
		{"pendingId", "pending", "eventId", textBefore},
		{"pendingName", "pending", "eventName", textBefore},
		{"pendingSince", "pending", "since", timeBefore},
		{"window", "attempts", "since", timeBefore},
		{"attempts", "attempts", "count", numberBefore},
		{"baseline", "recorded", "baseline", jsonBefore},
		{"version", "recorded", "version", numberBefore},
		{"recordedAt", "recorded", "at", timeBefore},
	},
}

func textBefore(v types.AttributeValue) any {
	if s := textOf(v); s != "" {
		return s
	}
	return nil
}

func stateBefore(v types.AttributeValue) any {
	if textOf(v) == "sent" {
		return "delivered"
	}
	return textBefore(v)
}

func numberBefore(v types.AttributeValue) any {
	if n := numberOf(v); n != 0 {
		return n
	}
	return nil
}

func timeBefore(v types.AttributeValue) any {
	if t := timeOf(v); !t.IsZero() && t.Year() < 10000 { // JSON has no later years
		return t.Format(time.RFC3339)
	}
	return nil
}

func jsonBefore(v types.AttributeValue) any {
	if s := textOf(v); json.Valid([]byte(s)) {
		return json.RawMessage(s)
	}
	return nil
}

// approvedBefore are the notes of approved changes, each of which had an attribute that its event names.
func approvedBefore(i item) []json.RawMessage {
	var all []json.RawMessage
	for _, name := range slices.Sorted(maps.Keys(i)) {
		var note struct {
			EventID string `json:"eventId"`
		}
		hash, isNote := strings.CutPrefix(name, "approved#")
		content := []byte(textOf(i[name]))
		if !isNote || json.Unmarshal(content, &note) != nil {
			continue
		}
		if sum := sha256.Sum256([]byte(note.EventID)); hash == hex.EncodeToString(sum[:8]) {
			all = append(all, content)
		}
	}
	return all
}
