package settings

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/nearest"
)

// Archive is what the watch reads besides events: the log files that CloudTrail delivers to buckets, and what it writes
// into log groups.
type Archive struct {
	Buckets     []LogBucket
	LogGroups   []string // names
	Removals    bool     // notify of log and digest files that somebody, or the lifecycle, removes
	Concurrency int      // how many of the watch's runs may read files at once
	// Backtest makes the state machine that applies the watch's rules to a whole archive, with so many runs of its function
	// at once.
	Backtest            bool
	BacktestConcurrency int
}

// LogBucket is a bucket with log files, and how their notifications come.
type LogBucket struct {
	Name    string
	Account string // of its owner; empty: the stack's
	Prefix  string // of the keys of its log files; empty: DefaultLogPrefix
	Key     string // of the files: an alias, a key's ID or ARN; empty: the key that S3 owns
	Source  string // SourceEventBridge, SourceQueue, SourceTopic or the ARN of a topic; empty: SourceEventBridge
}

// The ways of the notifications, besides the ARN of a topic that is there.
const (
	SourceEventBridge = "eventbridge" // S3's events on the account's default event bus
	SourceQueue       = "queue"       // S3 sends to the stack's queue
	SourceTopic       = "topic"       // S3 publishes to a topic of the stack's
)

// DefaultLogPrefix is that of a trail without a prefix of its own (CloudTrail User Guide, "Finding your CloudTrail log
// files").
const DefaultLogPrefix = "AWSLogs/"

const (
	// maxLogBuckets bounds the statements and the environment that name them.
	maxLogBuckets = 20
	// leastReadingTime leaves a run most of its time, of which 8 s are kept back (package logfile).
	leastReadingTime = 60
	// leastReadingMemory holds a record of 250,000 values in every form that it is decoded to: 225 MB of the process
	// without a limit, 175 MB where Go collects in time (packages plain and awsenv).
	leastReadingMemory = 256
)

var (
	// bucketName follows the Amazon S3 User Guide, "General purpose bucket naming rules".
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// logPrefix has nothing that a policy or a pattern takes for a wildcard.
	logPrefix = regexp.MustCompile(`^([A-Za-z0-9_.=-]+/){1,20}$`)
	// keyID and keyAlias follow the KMS API reference, DescribeKey and CreateAlias.
	keyID    = regexp.MustCompile(`^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$`)
	keyAlias = regexp.MustCompile(`^alias/[A-Za-z0-9/_-]{1,250}$`)
)

const (
	wantBucketName = "the name of a bucket: 3 to 63 lower-case letters, digits, hyphens and periods"
	wantLogPrefix  = "letters, digits and _ . = - with a slash at the end, such as AWSLogs/ or security/AWSLogs/"
	wantLogKey     = "a key's alias such as alias/logs, its ID, or its ARN"
	wantSource     = "eventbridge, queue, topic or the ARN of an SNS topic"
)

func archiveSettings() []setting {
	return []setting{
		logBuckets("archive.buckets",
			"Buckets whose [log files](#log-files) the watch reads. Objects with `name` and, optionally, `account` (the "+
				"owner; default: the stack's), `prefix` (of the keys; default: `AWSLogs/`), `key` (KMS key of the files: alias, ID "+
				"or ARN) and `source`: `eventbridge` (the default: S3's events on this account's default event bus), `queue` (S3 "+
				"sends to the stack's queue), `topic` (S3 publishes to a topic of the stack's) or the ARN of an SNS topic."),
		logGroups("archive.logGroups",
			"Log groups of trails, by their names, whose records the watch takes from a [subscription](#log-groups): for those who "+
				"have no access to the bucket. Of the stack's account and Region; a log group has two subscription filters at most."),
		flag("archive.removals", true,
			"Notify of log and digest files that somebody, or the lifecycle, removes from these buckets."),
		number("archive.concurrency", 5, 2, 1000,
			"How many runs of the watch may read log files at once; below `watch.reservedConcurrency`, where that is set."),
		flag("archive.backtest", false,
			"Make a state machine that applies the watch's rules to the archives in `archive.buckets` on many machines; "+
				"`trailkeeper rules backtest --distributed` [starts it](../lambda/ARCHIVE.md). Nothing runs until then."),
		number("archive.backtestConcurrency", 100, 1, 10000,
			"How many runs of its function a backtest has at once. They are of the account's concurrency, which the guard and "+
				"the watch need as well."),
	}
}

func logBuckets(key, doc string) setting {
	type t = LogBucket
	s := objects(
		setting{key: key, doc: doc},
		texted("name", wantBucketName, func(b *t) *string { return &b.Name }),
		texted("account", "an account ID of 12 digits", func(b *t) *string { return &b.Account }),
		texted("prefix", wantLogPrefix, func(b *t) *string { return &b.Prefix }),
		texted("key", wantLogKey, func(b *t) *string { return &b.Key }),
		texted("source", wantSource, func(b *t) *string { return &b.Source }),
	)
	s.check = func(all *Settings) []error {
		var errs []error
		for i, b := range all.Archive.Buckets {
			errs = append(errs, b.check(fmt.Sprintf("%s[%d]", key, i))...)
		}
		return append(errs, overlaps(key, all.Archive.Buckets, all.Env.Account)...)
	}
	s.arns = func(all *Settings) (found []named) {
		for i, b := range all.Archive.Buckets {
			at := fmt.Sprintf("%s[%d].", key, i)
			found = append(found, name(at+"key", b.Key), name(at+"source", b.Source))
		}
		return found
	}
	return s
}

// check reports what is wrong with a bucket by itself.
func (b LogBucket) check(at string) []error {
	var errs []error
	wrong := func(is bool, name, value, want string) {
		if is {
			errs = append(errs, fmt.Errorf("%s.%s is %s; want %s", at, name, show(value), want))
		}
	}
	wrong(!validBucketName(b.Name), "name", b.Name, wantBucketName)
	wrong(b.Account != "" && !accountID.MatchString(b.Account), "account", b.Account, "an account ID of 12 digits")
	wrong(b.Prefix != "" && (!logPrefix.MatchString(b.Prefix) || len(b.Prefix) > 512), "prefix", b.Prefix, wantLogPrefix)
	if err := b.keyProblem(at + ".key"); err != nil {
		errs = append(errs, err)
	}
	ways := []string{SourceEventBridge, SourceQueue, SourceTopic}
	if b.Source != "" && !slices.Contains(ways, b.Source) && !config.FormTopic.Matches(b.Source) {
		errs = append(errs, fmt.Errorf("%s.source is %s; want %s%s", at, show(b.Source), wantSource,
			nearest.Mean(b.Source, ways)))
	}
	return errs
}

func (b LogBucket) keyProblem(at string) error {
	switch {
	case b.Key == "" || b.keyed():
		return nil
	case strings.HasPrefix(b.Key, "alias/aws/"):
		return fmt.Errorf("%s is %s, a key that AWS manages, with which CloudTrail encrypts nothing; want a key of yours, or none",
			at, show(b.Key))
	case config.IsARN(b.Key) && strings.Contains(b.Key, ":alias/"):
		return fmt.Errorf("%s is %s, the ARN of an alias, which no policy can grant; want the ARN of the key, or, for a key of "+
			"the stack's account and Region, the alias alone", at, show(b.Key))
	}
	return fmt.Errorf("%s is %s; want %s", at, show(b.Key), wantLogKey)
}

// keyed reports whether the key is of a form that can be granted.
func (b LogBucket) keyed() bool {
	return b.KeyByAlias() || keyID.MatchString(b.Key) || config.FormKey.Matches(b.Key)
}

// KeyByAlias reports whether the key is named by an alias, which stands for a key of the stack's account and Region.
func (b LogBucket) KeyByAlias() bool {
	return keyAlias.MatchString(b.Key) && !strings.HasPrefix(b.Key, "alias/aws/")
}

func validBucketName(name string) bool {
	_, err := netip.ParseAddr(name)
	return bucketName.MatchString(name) && err != nil && !strings.Contains(name, "..")
}

// overlaps are the buckets that are there twice: a file in both would be read for either. own is the stack's account, where
// it is known.
func overlaps(key string, buckets []LogBucket, own string) []error {
	var errs []error
	for i, b := range buckets {
		for j, other := range buckets[:i] {
			if b.Name == "" || b.Name != other.Name {
				continue
			}
			mine, theirs := b.LogPrefix(), other.LogPrefix()
			switch {
			case cmp.Or(b.Account, own) != cmp.Or(other.Account, own):
				errs = append(errs, fmt.Errorf("%s[%d].account is %s, and %s[%d] has the same bucket with %s; a bucket has one "+
					"owner: want the same account in both, or none where it is the stack's", key, i, show(b.Account), key, j,
					show(other.Account)))
			case strings.HasPrefix(mine, theirs) || strings.HasPrefix(theirs, mine):
				errs = append(errs, fmt.Errorf("%s[%d] is the bucket of %s[%d], and the prefix %s overlaps with %s; want each "+
					"file below one of them", key, i, key, j, show(mine), show(theirs)))
			}
		}
	}
	return errs
}

// archiving is what is set for log files that no function reads, and what reading them lacks.
func archiving(s Settings, p *problems) {
	n := len(s.Archive.Buckets)
	p.add(n > 0 && !s.Watch.Enabled, "archive.buckets watch.enabled",
		"archive.buckets has %s but watch.enabled is false; no function reads log files", count(n, "bucket"))
	p.add(n > maxLogBuckets, "archive.buckets",
		"archive.buckets has %s; want at most %d, or several stacks", count(n, "bucket"), maxLogBuckets)
	p.add(n > 0 && s.Watch.Timeout < leastReadingTime, "archive.buckets watch.timeout",
		"watch.timeout is %d; want at least %d with archive.buckets: a run stops reading 8 seconds before its end, and a "+
			"file that it cannot finish comes again", s.Watch.Timeout, leastReadingTime)
	p.add((n > 0 || len(s.Archive.LogGroups) > 0) && s.Watch.Memory < leastReadingMemory,
		"archive.buckets archive.logGroups watch.memory",
		"watch.memory is %d; want at least %d with archive.buckets or archive.logGroups: a single crafted record may need "+
			"that much, and a run that ends without an answer fails for every file of its batch", s.Watch.Memory,
		leastReadingMemory)
	reserved := s.Watch.ReservedConcurrency
	p.add(n > 0 && reserved > 0 && s.Archive.Concurrency >= reserved,
		"archive.buckets archive.concurrency watch.reservedConcurrency",
		"archive.concurrency is %d and watch.reservedConcurrency %d; want the first lower, so that log files leave room for "+
			"the records that EventBridge delivers", s.Archive.Concurrency, reserved)
	p.add(s.Archive.Backtest && n == 0, "archive.backtest archive.buckets",
		"archive.backtest is true but archive.buckets is empty; want the buckets whose archives may be read")
	for i, b := range s.Archive.Buckets {
		ours := b.Account == "" || b.Account == s.Env.Account
		at := fmt.Sprintf("archive.buckets[%d].key", i)
		p.add(!ours && b.Key != "" && b.keyed() && !config.IsARN(b.Key), at+" archive.buckets env.account",
			"%s is %s, and the bucket is of account %s; want the key's ARN: aliases and IDs are those of the stack's account",
			at, show(b.Key), show(b.Account))
	}
}

// LogPrefix is what the keys of the bucket's log files begin with.
func (b LogBucket) LogPrefix() string { return cmp.Or(b.Prefix, DefaultLogPrefix) }

// Way is how the bucket's notifications come: SourceEventBridge, SourceQueue, SourceTopic or the ARN of a topic.
func (b LogBucket) Way() string { return cmp.Or(b.Source, SourceEventBridge) }

// By are the buckets whose notifications come that way.
func (a Archive) By(way string) []LogBucket {
	return slices.DeleteFunc(slices.Clone(a.Buckets), func(b LogBucket) bool { return b.Way() != way })
}

// Topics are the ARNs of the topics that are given, each once, in their order.
func (a Archive) Topics() []string {
	var all []string
	for _, b := range a.Buckets {
		if config.IsARN(b.Source) && !slices.Contains(all, b.Source) {
			all = append(all, b.Source)
		}
	}
	return all
}

// ReadsLogFiles reports whether the watch reads log files.
func (s Settings) ReadsLogFiles() bool { return s.Watch.Enabled && len(s.Archive.Buckets) > 0 }
