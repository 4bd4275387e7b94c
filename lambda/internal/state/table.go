package state

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
)

// Store keeps documents in a table. Every error of it is an *Error. It must not be copied.
type Store struct {
	Client *dynamodb.Client // must not retry by itself
	Table  string
	Clock  clock.Clock

	mu   sync.Mutex
	last map[Key]Document
}

// The attributes of an item. DynamoDB deletes it by attrExpires, in seconds since 1970.
const (
	attrKind     = "pk"
	attrID       = "sk"
	attrBody     = "document"
	attrRevision = "revision" // another text with each write
	attrExpires  = "expires"
)

const (
	// maxCall bounds one call with its retries: the table never holds up a restore for longer.
	maxCall = 2 * time.Second
	// maxPages bounds a list: a page holds up to 1 MB (DynamoDB Developer Guide, "Paginating table query results").
	maxPages = 20
	// maxBody leaves room for the other attributes in an item of 400 KB (DynamoDB Developer Guide, "Quotas", "Item size").
	maxBody = 396 << 10
	// maxLast bounds what a process remembers.
	maxLast = 200
)

type item = map[string]types.AttributeValue

// Get implements Documents.
func (s *Store) Get(ctx context.Context, key Key) (Document, error) {
	in := &dynamodb.GetItemInput{TableName: aws.String(s.Table), Key: itemKey(key), ConsistentRead: aws.Bool(true)}
	var found item
	err := s.call(ctx, "read "+key.String(), func(ctx context.Context) error {
		out, err := s.Client.GetItem(ctx, in)
		if err == nil {
			found = out.Item
		}
		return err
	})
	if err != nil {
		return Document{Key: key}, err
	}
	return s.noted(s.document(key, found)), nil
}

// Last implements Documents.
func (s *Store) Last(key Key) Document {
	s.mu.Lock()
	d := s.last[key]
	s.mu.Unlock()
	d.Key = key
	return s.current(d)
}

// noted remembers a document for Last.
func (s *Store) noted(d Document) Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || len(s.last) >= maxLast {
		s.last = make(map[Key]Document)
	}
	s.last[d.Key] = d
	return d
}

// PutIf implements Documents. A write that arrived although its answer did not is known by its revision when it is made
// again.
func (s *Store) PutIf(ctx context.Context, d Document) (Document, error) {
	what := "write " + d.Key.String()
	if len(d.Body) > maxBody {
		return d, &Error{What: what, Why: fmt.Sprintf("it has %d bytes; DynamoDB takes %d", len(d.Body), maxBody)}
	}
	revision := rand.Text()
	in := &dynamodb.PutItemInput{
		TableName:                           aws.String(s.Table),
		Item:                                itemKey(d.Key),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	in.Item[attrBody], in.Item[attrRevision] = text(string(d.Body)), text(revision)
	if !d.Expires.IsZero() {
		in.Item[attrExpires] = seconds(d.Expires)
	}
	condition, values := d.Version.condition()
	values[":written"] = text(revision)
	in.ConditionExpression = aws.String(condition + " OR " + attrRevision + " = :written")
	in.ExpressionAttributeValues = values
	err := s.call(ctx, what, func(ctx context.Context) error {
		_, err := s.Client.PutItem(ctx, in)
		return err
	})
	if err == nil {
		d.Version = versionOf(in.Item)
		return s.noted(d), nil
	}
	changed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	if !ok {
		return d, err
	}
	if d = s.document(d.Key, changed.Item); d.Version == "" { // it was deleted, or the answer does not say
		if d, err = s.Get(ctx, d.Key); err != nil {
			return d, err
		}
	}
	return s.noted(d), &Error{What: what, Why: ErrChanged.Error(), Err: ErrChanged}
}

// List implements Documents.
func (s *Store) List(ctx context.Context, kind string) ([]Document, error) {
	in := &dynamodb.QueryInput{
		TableName:                 aws.String(s.Table),
		KeyConditionExpression:    aws.String(attrKind + " = :kind"),
		ExpressionAttributeValues: item{":kind": text(kind)},
		ConsistentRead:            aws.Bool(true),
	}
	var all []Document
	what := "list " + clip(kind)
	for range maxPages {
		err := s.call(ctx, what, func(ctx context.Context) error {
			out, err := s.Client.Query(ctx, in)
			if err != nil {
				return err
			}
			for _, i := range out.Items {
				if d := s.document(Key{kind, textOf(i[attrID])}, i); len(d.Body) > 0 {
					all = append(all, d)
				}
			}
			in.ExclusiveStartKey = out.LastEvaluatedKey
			return nil
		})
		if err != nil || len(in.ExclusiveStartKey) == 0 {
			return all, err
		}
	}
	return all, &Error{
		What: what,
		Why: fmt.Sprintf("the state table %s holds more than %d MB of it; delete what Trailkeeper did not write",
			clip(s.Table), maxPages),
	}
}

// document reads an item.
func (s *Store) document(key Key, i item) Document {
	d := Document{
		Key:     key,
		Body:    []byte(textOf(i[attrBody])),
		Version: versionOf(i),
		Expires: timeOf(i[attrExpires]),
	}
	if i[attrBody] == nil {
		d.Body = before(key.Kind, i)
	}
	return s.current(d)
}

// current is a document as it counts now: of one that has expired, only the version does.
func (s *Store) current(d Document) Document {
	if !d.Expires.IsZero() && !d.Expires.After(s.Clock.Now()) {
		d.Body, d.Expires = nil, time.Time{}
	}
	return d
}

// Of an item without a revision, as the versions before wrote it, the version says only that there is one. Others begin
// with a mark, so that no text in a table reads as one of the two special versions.
const (
	unversioned = Version("-")
	mark        = "r"
)

func versionOf(i item) Version {
	if len(i) == 0 {
		return ""
	}
	if r, ok := i[attrRevision].(*types.AttributeValueMemberS); ok {
		return Version(mark + r.Value)
	}
	return unversioned
}

// condition holds of an item that has the version. NOT binds first, then AND, then OR.
func (v Version) condition() (expression string, values item) {
	switch v {
	case "":
		return "attribute_not_exists(" + attrKind + ")", item{}
	case unversioned:
		return "attribute_exists(" + attrKind + ") AND NOT attribute_type(" + attrRevision + ", :text)", item{
			":text": text("S"),
		}
	}
	return attrRevision + " = :read", item{":read": text(strings.TrimPrefix(string(v), mark))}
}

// call makes a call within its time.
func (s *Store) call(ctx context.Context, what string, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, maxCall)
	defer cancel()
	err := awscall.Do(ctx, s.Clock, call)
	if err == nil {
		return nil
	}
	return &Error{What: what, Why: s.why(err), Err: err}
}

func (s *Store) why(err error) string {
	switch {
	case awscall.Code(err) == "ResourceNotFound":
		return fmt.Sprintf("the state table %s is gone; deploy Trailkeeper again", clip(s.Table))
	case awscall.Denied(err):
		return fmt.Sprintf(
			"the guard's role may not use the state table %s; deploy Trailkeeper again, and see whether its policy was changed",
			clip(s.Table),
		)
	case awscall.Throttled(err):
		return fmt.Sprintf("DynamoDB throttles the state table %s", clip(s.Table))
	}
	return awscall.Other("DynamoDB", err)
}

// String is the key for people.
func (k Key) String() string { return clip(k.Kind + " " + k.ID) }

// clip keeps a name from filling a message.
func clip(s string) string { return fmt.Sprintf("%.255s", s) }

func itemKey(k Key) item { return item{attrKind: text(k.Kind), attrID: text(k.ID)} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func seconds(t time.Time) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(t.Unix(), 10)}
}

func textOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// timeOf reads seconds; another number, and what is none, counts as no time.
func timeOf(v types.AttributeValue) time.Time {
	if n := numberOf(v); n > 0 {
		return time.Unix(n, 0).UTC()
	}
	return time.Time{}
}

func numberOf(v types.AttributeValue) int64 {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			return i
		}
	}
	return 0
}
