package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Queues are where event source mappings take messages from.
type Queues interface {
	Listen(arn string, wake func()) (hides time.Duration, ok bool)
	MayPoll(who kernel.Principal, arn string) (why string)
	Poll(who kernel.Principal, arn string, most int) ([]kernel.Polled, *kernel.Error)
	Done(who kernel.Principal, arn string, handles []string) *kernel.Error
}

type mappingSpec struct {
	EventSourceArn, FunctionName              string
	BatchSize, MaximumBatchingWindowInSeconds *int
	FunctionResponseTypes                     []string
	Enabled                                   *bool
	ScalingConfig                             struct{ MaximumConcurrency *int }
	Tags                                      cloudformation.Unused
}

// defaultBatch and mostBatch are of queues (CreateEventSourceMapping, BatchSize).
const (
	defaultBatch  = 10
	smallBatch    = 10 // more need a batching window
	mostBatch     = 10_000
	batchFailures = "ReportBatchItemFailures"
)

// Check refuses values that the service would refuse.
func (s mappingSpec) Check() error {
	errs := []error{
		cloudformation.Within("BatchSize", s.BatchSize, 1, mostBatch),
		cloudformation.Within("MaximumBatchingWindowInSeconds", s.MaximumBatchingWindowInSeconds, 0, 300),
		cloudformation.Within("MaximumConcurrency", s.ScalingConfig.MaximumConcurrency, 2, 1000),
	}
	if s.size() > smallBatch && s.window() < time.Second {
		errs = append(errs, fmt.Errorf("BatchSize is %d; more than %d need a MaximumBatchingWindowInSeconds", s.size(), smallBatch))
	}
	for _, kind := range s.FunctionResponseTypes {
		errs = append(errs, cloudformation.OneOf("FunctionResponseTypes", kind, batchFailures))
	}
	return errors.Join(errs...)
}

func (s mappingSpec) size() int {
	if s.BatchSize != nil {
		return *s.BatchSize
	}
	return defaultBatch
}

func (s mappingSpec) window() time.Duration {
	if n := s.MaximumBatchingWindowInSeconds; n != nil {
		return time.Duration(*n) * time.Second
	}
	return 0
}

// mapping takes messages out of a queue and hands them to a function. One batch is worked on at a time.
type mapping struct {
	functions *Functions
	id        string
	function  *function
	hides     time.Duration // how long what was received is not received again

	mu      sync.Mutex
	spec    mappingSpec
	off     bool // it is disabled or deleted
	planned bool // a poll is
	refused string
}

// deployMappings makes the event source mappings of a template.
func (s *Functions) deployMappings(st *cloudformation.Stack, find func(id, nameOrARN string) *function) {
	cloudformation.Each(st, "AWS::Lambda::EventSourceMapping", func(id string, att map[string]string, spec mappingSpec) {
		f := find(id, spec.FunctionName)
		if f == nil {
			return
		}
		m := &mapping{
			functions: s, id: att["Id"], function: f, spec: spec, off: spec.Enabled != nil && !*spec.Enabled,
		}
		s.mappings[m.id] = m
		hides, ok := s.queues.Listen(spec.EventSourceArn, m.wake)
		m.hides = hides
		who, failed := s.assumed(f)
		switch {
		case !ok:
			st.Missing(id, "queue", spec.EventSourceArn)
		case hides < f.now().timeout():
			st.Fail(id, fmt.Errorf("InvalidRequest: Queue visibility timeout: %d seconds is less than Function timeout: %d seconds",
				int(hides.Seconds()), int(f.now().timeout().Seconds())))
		case failed != nil:
			st.Fail(id, failed)
		default:
			if why := s.queues.MayPoll(who, spec.EventSourceArn); why != "" {
				st.Fail(id, fmt.Errorf("the function's role may not take messages out of the queue: %s", why))
			}
			m.wake()
		}
	})
}

// wake plans a poll, after the batching window.
func (m *mapping) wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.planned && !m.off {
		m.planned = true
		m.functions.kernel.Invoke(m.spec.window(), m.poll)
	}
}

// poll takes a batch and has the function handle it. What it did not handle is received again when its time is over.
func (m *mapping) poll() {
	s, f := m.functions, m.function
	m.mu.Lock()
	m.planned = false
	spec, off := m.spec, m.off || f.now().deleted
	m.mu.Unlock()
	if off || s.off(f) {
		return // nobody polls for a function without concurrency
	}
	who, failed := s.assumed(f)
	var batch []kernel.Polled
	if failed == nil {
		batch, failed = s.queues.Poll(who, spec.EventSourceArn, spec.size())
	}
	m.says(failed)
	if failed != nil || len(batch) == 0 {
		return
	}
	inv := &invocation{
		function: f, requestID: s.kernel.ID("invocation"), payload: payload(spec, batch), since: s.kernel.Now(), runs: 1,
	}
	s.count(f, "Invocations")
	answer, err := s.execute(inv)
	e := kernel.Entry{Kind: kernel.KindInvoked, Subject: s.kernel.NameOf(f.arn), Text: "run 1"}
	if err != nil {
		e.Err = err.Error()
		s.count(f, "Errors")
	}
	s.kernel.Note(e)
	var handled []string
	if err == nil {
		handled = handledOf(spec, batch, answer)
	}
	m.says(s.queues.Done(who, spec.EventSourceArn, handled))
	if len(handled) < len(batch) {
		s.kernel.After(m.hides, m.wake)
	}
	m.wake()
}

// says notes why the queue refuses the role, once.
func (m *mapping) says(failed *kernel.Error) {
	why := ""
	if failed != nil {
		why = failed.Message
	}
	if why != m.refused && why != "" {
		m.functions.kernel.Note(kernel.Entry{
			Kind: kernel.KindNote, Who: "Lambda", Text: "cannot take messages out of the queue: " + why,
		})
	}
	m.refused = why
}

// payload is a batch as the function gets it ("Using Lambda with Amazon SQS").
func payload(spec mappingSpec, batch []kernel.Polled) []byte {
	var records []any
	for _, p := range batch {
		attributes := map[string]any{}
		for name, value := range p.MessageAttributes {
			attributes[name] = map[string]any{
				"stringValue": value, "stringListValues": []any{}, "binaryListValues": []any{}, "dataType": "String",
			}
		}
		records = append(records, map[string]any{
			"messageId":         p.ID,
			"receiptHandle":     p.Handle,
			"body":              p.Body,
			"attributes":        p.Attributes,
			"messageAttributes": attributes,
			"md5OfBody":         p.MD5,
			"eventSource":       "aws:sqs",
			"eventSourceARN":    spec.EventSourceArn,
			"awsRegion":         kernel.ARN(spec.EventSourceArn).Region,
		})
	}
	text, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		panic(err) // texts alone
	}
	return text
}

// handledOf are the messages that are deleted. With partial answers, these are those that the answer does not name; one
// that cannot be read, or names what is not in the batch, is about the whole batch ("Reporting batch item failures").
func handledOf(spec mappingSpec, batch []kernel.Polled, answer []byte) (handles []string) {
	failed := map[string]bool{}
	if slices.Contains(spec.FunctionResponseTypes, batchFailures) {
		var said *struct {
			Failures []struct {
				ID *string `json:"itemIdentifier"`
			} `json:"batchItemFailures"`
		}
		if len(answer) > 0 && json.Unmarshal(answer, &said) != nil {
			return nil
		}
		if said != nil {
			for _, one := range said.Failures {
				known := one.ID != nil && slices.ContainsFunc(batch, func(p kernel.Polled) bool { return p.ID == *one.ID })
				if !known {
					return nil
				}
				failed[*one.ID] = true
			}
		}
	}
	for _, p := range batch {
		if !failed[p.ID] {
			handles = append(handles, p.Handle)
		}
	}
	return handles
}
