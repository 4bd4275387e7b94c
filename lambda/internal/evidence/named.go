package evidence

import (
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
)

// named is what the declared baselines name, with the trails of each: several may share a bucket, a key or a log group.
type named struct{ all []baseline.Baseline }

// bucket are the trails that deliver to a bucket; with a key, to it.
func (n named) bucket(name, key string) []baseline.Baseline {
	return n.find(func(b baseline.Baseline) bool {
		return name != "" && b.Trail.Settings.S3Bucket == name && (key == "" || strings.HasPrefix(key, baseline.FilesPrefix(b.Trail)))
	})
}

func (n named) key(arn string) []baseline.Baseline {
	return n.find(func(b baseline.Baseline) bool { return arn != "" && b.Trail.Settings.KMSKeyID == arn })
}

// logGroup takes a name, with the account and Region of the call, or an ARN.
func (n named) logGroup(name, account, region string) []baseline.Baseline {
	return n.find(func(b baseline.Baseline) bool {
		arn := strings.TrimSuffix(b.Trail.Settings.LogGroupARN, ":*")
		if arn == "" || name == "" {
			return false
		}
		a, err := events.ParseARN(arn)
		return strings.TrimSuffix(name, ":*") == arn ||
			err == nil && a.Resource == "log-group:"+name && a.Account == account && a.Region == region
	})
}

// mentioned is the resource that the message of a refused call names: it alone says what the call was about.
func (n named) mentioned(message string) (arn string) {
	for _, b := range n.all {
		s := b.Trail.Settings
		for _, one := range []string{s.KMSKeyID, strings.TrimSuffix(s.LogGroupARN, ":*")} {
			if one == "" {
				continue
			}
			if _, rest, found := strings.Cut(message, one); found && !continues(rest) {
				return one
			}
		}
	}
	return ""
}

// continues reports whether what follows a name belongs to it.
func continues(rest string) bool {
	return rest != "" && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./#", rune(rest[0])) &&
		!strings.HasPrefix(rest, ". ")
}

func (n named) find(is func(baseline.Baseline) bool) (all []baseline.Baseline) {
	for _, b := range n.all {
		if is(b) {
			all = append(all, b)
		}
	}
	return all
}

// prefixesOf are what the files of trails begin with, each once.
func prefixesOf(trails []baseline.Baseline) (all []string) {
	for _, b := range trails {
		if prefix := baseline.FilesPrefix(b.Trail); !slices.Contains(all, prefix) {
			all = append(all, prefix)
		}
	}
	return all
}
