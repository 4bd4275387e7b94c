package objects

import (
	"encoding/json"
	"errors"
	"fmt"
)

// What trailkeeper catch-up asks for objects with: an event of Trailkeeper's own (package events, Source).
const (
	ownSource = "trailkeeper"
	catchUp   = "Trailkeeper Catch-Up"
)

// Asked are the objects of one request to decide them. The answer is Answers.
type Asked struct{ Objects []Object }

// Answers say what became of the objects of a request.
type Answers struct {
	Objects []Answer `json:"objects"` // those of the request, in its order
}

// Answer is about one object.
type Answer struct {
	Error string `json:"error,omitempty"` // why it was not decided to its end; empty: it was
}

// MaxAsked bounds the objects of one request: a run has a bounded time.
const MaxAsked = 100

// wireAsked is an event of Trailkeeper's own.
type wireAsked struct {
	Source     string `json:"source"`
	DetailType string `json:"detail-type"`
	Detail     struct {
		Objects []wireObject `json:"objects"`
	} `json:"detail"`
}

type wireObject struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

// Payload is what a function is invoked with, for ReadAsked.
func (a Asked) Payload() []byte {
	w := wireAsked{Source: ownSource, DetailType: catchUp}
	for _, o := range a.Objects {
		w.Detail.Objects = append(w.Detail.Objects, wireObject{o.Bucket, o.Key})
	}
	text, err := json.Marshal(w)
	if err != nil {
		panic(err) // texts alone
	}
	return text
}

// ReadAsked reads a request. It reports false for a payload that is none; the error is about one that cannot be read.
func ReadAsked(payload []byte) (a Asked, is bool, err error) {
	var w wireAsked
	_ = json.Unmarshal(payload, &w) // what is no JSON, or another, has not both
	if w.Source != ownSource || w.DetailType != catchUp {
		return Asked{}, false, nil
	}
	n := len(w.Detail.Objects)
	if n == 0 || n > MaxAsked {
		return Asked{}, true, fmt.Errorf("it asks for %d objects; want 1 to %d", n, MaxAsked)
	}
	r := reader{}
	var errs []error
	for _, o := range w.Detail.Objects {
		errs = append(errs, r.add(Object{Bucket: o.Bucket, Key: o.Key}))
	}
	return Asked{r.found}, true, errors.Join(errs...)
}
