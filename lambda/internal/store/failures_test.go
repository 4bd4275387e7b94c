package store_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/store"
)

// table answers in place of DynamoDB. What is nil answers that nothing is there, and takes every write.
type table struct {
	get    func(*dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error)
	put    func(*dynamodb.PutItemInput) error
	update func(*dynamodb.UpdateItemInput) error
	query  func(*dynamodb.QueryInput) (*dynamodb.QueryOutput, error)
}

func (a table) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if a.get == nil {
		return &dynamodb.GetItemOutput{}, nil
	}
	return a.get(in)
}

func (a table) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if a.put == nil {
		return &dynamodb.PutItemOutput{}, nil
	}
	return &dynamodb.PutItemOutput{}, a.put(in)
}

func (a table) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if a.update == nil {
		return &dynamodb.UpdateItemOutput{}, nil
	}
	return &dynamodb.UpdateItemOutput{}, a.update(in)
}

func (a table) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if a.query == nil {
		return &dynamodb.QueryOutput{}, nil
	}
	return a.query(in)
}

// refused and unfit are DynamoDB's two kinds of answer that are not retried.
var (
	refused = &types.ResourceNotFoundException{Message: aws.String("m")}
	unfit   = &types.ConditionalCheckFailedException{Message: aws.String("m")}
)

// calls are all calls of a store, with what each says that it could not do.
var calls = []struct {
	name, what string
	// mayBeUnfit says that a write whose condition does not hold is no failure of the call.
	mayBeUnfit bool
	call       func(context.Context, *store.Store) error
}{
	{"Trail", "read what is known of the trail", false, func(ctx context.Context, s *store.Store) error {
		_, err := s.Trail(ctx, arn)
		return err
	}},
	{"Trails", "read what is known of the trails", false, func(ctx context.Context, s *store.Store) error {
		_, err := s.Trails(ctx)
		return err
	}},
	{"Discovered", "read when trails were last looked for", false, func(ctx context.Context, s *store.Store) error {
		_, err := s.Discovered(ctx)
		return err
	}},
	{"Discover", "note that trails were looked for", false, func(ctx context.Context, s *store.Store) error { return s.Discover(ctx) }},
	{"MarkHealthy", "note that the trail was seen", false, func(ctx context.Context, s *store.Store) error { return s.MarkHealthy(ctx, arn) }},
	{"Forget", "note that the trail is gone", false, func(ctx context.Context, s *store.Store) error { return s.Forget(ctx, arn) }},
	{"RecordTampering", "note that the trail was tampered with", false, func(ctx context.Context, s *store.Store) error { return s.RecordTampering(ctx, arn) }},
	{"Hold", "note that a repair is held back", false, func(ctx context.Context, s *store.Store) error {
		_, err := s.Hold(ctx, store.Trail{ARN: arn})
		return err
	}},
	{"Release", "note that nothing is held back", false, func(ctx context.Context, s *store.Store) error { return s.Release(ctx, arn) }},
	{"AddPending", "note the outcome that is not confirmed", false, func(ctx context.Context, s *store.Store) error {
		return s.AddPending(ctx, arn, store.Pending{EventID: "e1"})
	}},
	{"ResolvePending", "note that the outcome is settled", true, func(ctx context.Context, s *store.Store) error {
		_, err := s.ResolvePending(ctx, arn, store.Pending{EventID: "e1"})
		return err
	}},
	{"Record", "record the trail's baseline", true, func(ctx context.Context, s *store.Store) error {
		_, _, err := s.Record(ctx, state("one"), nil)
		return err
	}},
	{"Approve", "note the approved change", false, func(ctx context.Context, s *store.Store) error {
		return s.Approve(ctx, store.Approved{State: state("one")})
	}},
	{"Unapprove", "drop the note of the approved change", true, func(ctx context.Context, s *store.Store) error {
		return s.Unapprove(ctx, store.Approved{State: state("one")})
	}},
	{"Attempt", "count the attempt", true, func(ctx context.Context, s *store.Store) error { return s.Attempt(ctx, arn) }},
	{"Claim", "see whether it was told", true, func(ctx context.Context, s *store.Store) error {
		_, err := s.Claim(ctx, "x", "a", time.Minute)
		return err
	}},
	{"Sent", "note that it was told", true, func(ctx context.Context, s *store.Store) error { return s.Sent(ctx, "x", "a") }},
	{"Told", "read what was told", false, func(ctx context.Context, s *store.Store) error {
		_, err := s.Told(ctx)
		return err
	}},
	{"Clear", "note that it is over", true, func(ctx context.Context, s *store.Store) error {
		_, err := s.Clear(ctx, "x", "a")
		return err
	}},
	{"ClaimEvent", "see whether it was told", true, func(ctx context.Context, s *store.Store) error {
		_, err := s.ClaimEvent(ctx, "x", time.Minute, "")
		return err
	}},
	{"EventSent", "note that it was told", true, func(ctx context.Context, s *store.Store) error { return s.EventSent(ctx, "x") }},
	{"EventParked", "note that it was told", true, func(ctx context.Context, s *store.Store) error { return s.EventParked(ctx, "x", "digest") }},
	{"EventReleased", "note that it was not told", true, func(ctx context.Context, s *store.Store) error { return s.EventReleased(ctx, "x") }},
	{"Incident", "read the trail's incident", false, func(ctx context.Context, s *store.Store) error {
		_, err := s.Incident(ctx, arn)
		return err
	}},
	{"Incidents", "read the incidents", false, func(ctx context.Context, s *store.Store) error {
		_, err := s.Incidents(ctx)
		return err
	}},
	{"KeepIncident", "note the trail's incident", true, func(ctx context.Context, s *store.Store) error {
		_, err := s.KeepIncident(ctx, arn, 0, "text")
		return err
	}},
	{"Thread", "see which message opened the thread", true, func(ctx context.Context, s *store.Store) error {
		_, _, err := s.Thread(ctx, "inc-1", "slack")
		return err
	}},
	{"Opened", "note which message opened the thread", false, func(ctx context.Context, s *store.Store) error {
		return s.Opened(ctx, "inc-1", "slack", "17.5")
	}},
	{"Failed", "note that no message opened the thread", false, func(ctx context.Context, s *store.Store) error {
		return s.Failed(ctx, "inc-1", "slack")
	}},
	{"Repeated", "see whether it is a repeat", true, func(ctx context.Context, s *store.Store) error {
		_, err := s.Repeated(ctx, "key", "e1", "text", time.Minute)
		return err
	}},
	{"Repeats", "read what happened again", false, func(ctx context.Context, s *store.Store) error {
		_, err := s.Repeats(ctx)
		return err
	}},
	{"Summed", "note that it was summed up", true, func(ctx context.Context, s *store.Store) error {
		return s.Summed(ctx, store.Repeat{Key: "key", All: 1})
	}},
}

// TestEveryRefusalIsAnError: whichever call of DynamoDB is refused, the first of a method or a later one, the method says what it could not do.
func TestEveryRefusalIsAnError(t *testing.T) {
	w := newWorld(t)
	for _, c := range calls {
		made := 0
		answer := func(refuse int, before error) error {
			if made++; made-1 == refuse {
				return refused
			}
			return before
		}
		for _, before := range []error{nil, unfit} { // what the calls before the refused one answer
			for refuse := range 3 {
				made = 0
				w.API = table{
					get: func(*dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) {
						return &dynamodb.GetItemOutput{}, answer(refuse, nil)
					},
					put:    func(*dynamodb.PutItemInput) error { return answer(refuse, before) },
					update: func(*dynamodb.UpdateItemInput) error { return answer(refuse, before) },
					query: func(*dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
						return &dynamodb.QueryOutput{}, answer(refuse, nil)
					},
				}
				err := c.call(t.Context(), w.Store)
				failed, isError := errors.AsType[*store.Error](err)
				switch {
				case made <= refuse && before == nil && err != nil:
					t.Errorf("%s: nothing was refused, and %v", c.name, err)
				case made <= refuse && before != nil && err != nil && c.mayBeUnfit:
					t.Errorf("%s: no condition held, and %v", c.name, err)
				case made > refuse && (!isError || failed.Why != "the state table state is gone; deploy Trailkeeper again" || !errors.Is(err, error(refused))):
					t.Errorf("%s: call %d was refused, and %v", c.name, refuse, err)
				case made > refuse && refuse == 0 && failed.What != c.what:
					t.Errorf("%s could not %q; want %q", c.name, failed.What, c.what)
				case made > refuse && failed.What == "":
					t.Errorf("%s: call %d says only %q", c.name, refuse, err)
				}
			}
		}
	}
}

// TestReadsAreStrongAndWhole: every read asks for what was last written, in the store's table, and reads on to the last page.
func TestReadsAreStrongAndWhole(t *testing.T) {
	w := newWorld(t)
	key := func(in map[string]types.AttributeValue) string {
		s, _ := in["sk"].(*types.AttributeValueMemberS)
		return s.Value
	}
	const pages = 3
	page := func(from map[string]types.AttributeValue) (*dynamodb.QueryOutput, error) {
		n := 0
		if from != nil {
			n, _ = strconv.Atoi(key(from))
		}
		text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
		number := func(n int) types.AttributeValue { return &types.AttributeValueMemberN{Value: strconv.Itoa(n)} }
		out := &dynamodb.QueryOutput{Items: []map[string]types.AttributeValue{{
			"pk": text("p"), "sk": text(fmt.Sprintf("%s-%d", arn, n)), "sign": text("s"), "text": text("t"), "count": number(1), "seen": number(9),
		}}}
		if n+1 < pages {
			out.LastEvaluatedKey = map[string]types.AttributeValue{"sk": text(strconv.Itoa(n + 1))}
		}
		return out, nil
	}
	reads := 0
	w.API = table{
		get: func(in *dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) {
			if reads++; !aws.ToBool(in.ConsistentRead) || aws.ToString(in.TableName) != "state" {
				t.Errorf("weak read of %s: %+v", aws.ToString(in.TableName), in)
			}
			return &dynamodb.GetItemOutput{}, nil
		},
		update: func(*dynamodb.UpdateItemInput) error { return unfit },
		query: func(in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
			if reads++; !aws.ToBool(in.ConsistentRead) || aws.ToString(in.TableName) != "state" {
				t.Errorf("weak read of %s: %+v", aws.ToString(in.TableName), in)
			}
			return page(in.ExclusiveStartKey)
		},
	}
	for _, c := range calls {
		_ = c.call(t.Context(), w.Store)
	}
	if reads < 10 {
		t.Errorf("%d reads; want those of every call", reads)
	}
	trails, err := w.Trails(t.Context())
	must(t, err)
	told, err := w.Told(t.Context())
	must(t, err)
	incidents, err := w.Incidents(t.Context())
	must(t, err)
	repeats, err := w.Repeats(t.Context())
	must(t, err)
	if diff := cmp.Diff([]int{pages, pages, pages, pages}, []int{len(trails), len(told), len(incidents), len(repeats)}); diff != "" {
		t.Errorf("of %d pages (-want +got):\n%s", pages, diff)
	}
}

// TestEndlessQuery: a table that always has one more page does not keep a run for ever, and what was not read is not passed over in silence.
func TestEndlessQuery(t *testing.T) {
	w := newWorld(t)
	pages := 0
	w.API = table{query: func(*dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
		pages++
		return &dynamodb.QueryOutput{LastEvaluatedKey: map[string]types.AttributeValue{"sk": &types.AttributeValueMemberS{Value: "x"}}}, nil
	}}
	_, err := w.Told(t.Context())
	want := "read what was told: the state table state holds more than 20 MB of it; delete what Trailkeeper did not write"
	if err == nil || err.Error() != want || pages != 20 {
		t.Errorf("%d pages, %v; want 20, and %s", pages, err, want)
	}
}

// TestExpiry: how long each write is kept, counted from the write, in days.
func TestExpiry(t *testing.T) {
	w := newWorld(t)
	kept := map[string]float64{}
	note := func(name string, values map[string]types.AttributeValue) {
		for _, key := range []string{":expires", ":soon", "expires"} {
			if n, ok := values[key].(*types.AttributeValueMemberN); ok {
				at, _ := strconv.ParseInt(n.Value, 10, 64)
				kept[name] = time.Unix(at, 0).Sub(w.now).Hours() / 24
			}
		}
	}
	for _, c := range calls {
		w.API = table{
			put: func(in *dynamodb.PutItemInput) error { note(c.name+", version", in.Item); return nil },
			update: func(in *dynamodb.UpdateItemInput) error {
				note(c.name, in.ExpressionAttributeValues)
				if c.name == "Repeated" && kept[c.name] == 0 {
					return unfit // the first only counts
				}
				return nil
			},
		}
		must(t, c.call(t.Context(), w.Store))
	}
	want := map[string]float64{
		"MarkHealthy": 90, "Forget": 2, "RecordTampering": 2, "AddPending": 90, "Record": 90, "Record, version": 365, "Approve": 90, "Claim": 90, "ClaimEvent": 15, "EventSent": 15,
		"EventParked": 15, "KeepIncident": 90, "Thread": 90, "Opened": 90, "Repeated": 90,
	}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("kept for days (-want +got):\n%s", diff)
	}
}
