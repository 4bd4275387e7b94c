package objects

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// notification is a record of an S3 event notification (Amazon S3 User Guide, "Event message structure").
type notification struct {
	Version   string `json:"eventVersion"`
	Name      string `json:"eventName"`
	Time      string `json:"eventTime"`
	Principal struct {
		ID string `json:"principalId"`
	} `json:"userIdentity"`
	Request struct {
		IP string `json:"sourceIPAddress"`
	} `json:"requestParameters"`
	S3 struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"`
			Version   string `json:"versionId"`
			Sequencer string `json:"sequencer"`
		} `json:"object"`
	} `json:"s3"`
}

// The kinds of S3's events that are read. The rest, such as those about tags, are about no object that came or went.
const (
	created = "ObjectCreated"
	removed = "ObjectRemoved"
	expired = "LifecycleExpiration"
)

// The same of EventBridge's events.
const (
	objectCreated = "Object Created"
	objectDeleted = "Object Deleted"
)

// notification reads a record of S3, whose key is encoded as in a URL's query.
func (r *reader) notification(raw json.RawMessage) error {
	var n notification
	if err := json.Unmarshal(raw, &n); err != nil {
		return fmt.Errorf("%w: %w", ErrOther, err)
	}
	if major, _, _ := strings.Cut(n.Version, "."); major != "2" {
		return fmt.Errorf("an S3 notification of version %.20q; want 2.x: %w", n.Version, ErrOther)
	}
	kind, what, _ := strings.Cut(strings.TrimPrefix(n.Name, "s3:"), ":")
	if kind != created && kind != removed && kind != expired {
		return nil
	}
	key, err := url.QueryUnescape(n.S3.Object.Key)
	if err != nil {
		return fmt.Errorf("the key %.80q of an S3 notification is not encoded as in a URL: %w", n.S3.Object.Key, ErrOther)
	}
	o := Object{Bucket: n.S3.Bucket.Name, Key: key, Version: n.S3.Object.Version}
	if kind != created {
		o.Version = ""
		o.Removed = &Removal{
			ID:       bound(n.S3.Object.Sequencer),
			By:       bound(n.Principal.ID),
			SourceIP: bound(n.Request.IP),
			Time:     timeOf(n.Time),
			Hidden:   what == "DeleteMarkerCreated",
			Expired:  kind == expired,
		}
	}
	return r.add(o)
}

// event reads an event of EventBridge, whose key is as it is (Amazon S3 User Guide, "EventBridge event message
// structure").
func (r *reader) event(e envelope) error {
	var detail struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"`
			Version   string `json:"version-id"`
			Sequencer string `json:"sequencer"`
		} `json:"object"`
		Requester string `json:"requester"`
		IP        string `json:"source-ip-address"`
		Reason    string `json:"reason"`
		Deletion  string `json:"deletion-type"`
	}
	if e.DetailType != objectCreated && e.DetailType != objectDeleted {
		if strings.HasPrefix(e.DetailType, "Object ") {
			return nil // such as "Object Tags Added"
		}
		return fmt.Errorf("an EventBridge event %.80q of S3: %w", e.DetailType, ErrOther)
	}
	if err := json.Unmarshal(e.Detail, &detail); err != nil {
		return fmt.Errorf("%w: %w", ErrOther, err)
	}
	o := Object{Bucket: detail.Bucket.Name, Key: detail.Object.Key, Version: detail.Object.Version}
	if e.DetailType == objectDeleted {
		o.Version = ""
		o.Removed = &Removal{
			ID:       bound(detail.Object.Sequencer),
			By:       bound(detail.Requester),
			SourceIP: bound(detail.IP),
			Time:     timeOf(e.Time),
			Hidden:   detail.Deletion == "Delete Marker Created",
			Expired:  detail.Reason == "Lifecycle Expiration",
		}
	}
	return r.add(o)
}

func bound(s string) string { return s[:min(len(s), maxText)] }

// timeOf is zero for a time of another form.
func timeOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
