package settings

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/nearest"
)

// setting is one key: what it means, what it is where nothing is said, how its JSON value is read, and what is wrong
// with a value. Its field of Settings has the same name.
type setting struct {
	key  string // dotted path, such as "slack.channel"
	doc  string
	want string
	// start gives the settings of a Region the default; nil: none.
	start func(*Settings, Place)
	// read takes the JSON value over. The error is for a value of another type.
	read func(*Settings, any) error
	// check reports what is wrong with the value that the settings have.
	check func(*Settings) []error
	// value returns what the settings have.
	value func(*Settings) any
	// nested says that the JSON value is an object that read takes as a whole.
	nested bool
	// arns are the resources that the value names; nil: none.
	arns func(*Settings) []named
}

// fieldOf is the field of a key: sns.topicArn is SNS.TopicARN.
func fieldOf[T any](s *Settings, key string) *T {
	v := reflect.ValueOf(s).Elem()
	for part := range strings.SplitSeq(key, ".") {
		v = v.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, part) })
	}
	return v.Addr().Convert(reflect.TypeFor[*T]()).Interface().(*T)
}

// problem is about a value of the right type.
func (s setting) problem(value any) error {
	return fmt.Errorf("%s is %s; want %s", s.key, show(value), s.want)
}

// mismatch is about a value of another type. It does not show the value: it may be whatever was pasted there.
func (s setting) mismatch(value any) error {
	return fmt.Errorf("%s is %s; want %s", s.key, shape(value), s.want)
}

// hidden makes a setting whose value no error shows.
func hidden(s setting) setting {
	check := s.check
	s.check = func(all *Settings) []error {
		if len(check(all)) == 0 {
			return nil
		}
		return []error{s.mismatch(s.value(all))}
	}
	return s
}

// of makes a setting of one field.
func of[T any](s setting, check func(*T) []error) setting {
	s.value = func(all *Settings) any { return *fieldOf[T](all, s.key) }
	s.check = func(all *Settings) []error { return check(fieldOf[T](all, s.key)) }
	return s
}

// typed is a setting whose JSON type is T itself.
func typed[T any](s setting, start T, ok func(T) bool) setting {
	s = of(s, func(v *T) []error {
		if ok(*v) {
			return nil
		}
		return []error{s.problem(*v)}
	})
	s.start = func(all *Settings, _ Place) { *fieldOf[T](all, s.key) = start }
	s.read = func(all *Settings, v any) error {
		value, isType := v.(T)
		if !isType {
			return s.mismatch(v)
		}
		*fieldOf[T](all, s.key) = value
		return nil
	}
	return s
}

func text(key, start string, ok func(string) bool, want, doc string) setting {
	return typed(setting{key: key, doc: doc, want: want}, start, ok)
}

// oneOf is a text of a closed set.
func oneOf(key, start string, options []string, doc string) setting {
	last := len(options) - 1
	want := strings.Join(options[:last], ", ") + " or " + options[last]
	s := text(key, start, func(v string) bool { return slices.Contains(options, v) }, want, doc)
	check := s.check
	s.check = func(all *Settings) []error {
		errs := check(all)
		for i, err := range errs {
			errs[i] = errors.New(err.Error() + nearest.Mean(*fieldOf[string](all, key), options))
		}
		return errs
	}
	return s
}

// arnOf is the ARN of a resource. All but roles are in a Region, and must be in the stack's.
func arnOf(key string, form config.Form, doc string) setting {
	want := map[config.Form]string{
		config.FormKey:   "the ARN of a KMS key",
		config.FormTopic: "the ARN of an SNS topic",
		config.FormQueue: "the ARN of a standard SQS queue",
		config.FormRole:  "the ARN of an IAM role",
	}[form]
	s := text(key, "", optional(form.Matches), want, doc)
	if form == config.FormRole {
		return inPartition(s)
	}
	return inRegion(s)
}

func flag(key string, start bool, doc string) setting {
	return typed(setting{key: key, doc: doc, want: "true or false"}, start, func(bool) bool { return true })
}

// flagWhere is a flag that is true where the Region is such.
func flagWhere(key string, start func(Place) bool, doc string) setting {
	s := flag(key, false, doc)
	s.start = func(all *Settings, p Place) { *fieldOf[bool](all, key) = start(p) }
	return s
}

func number(key string, start, least, limit int, doc string) setting {
	return numberOf(
		key,
		start,
		func(v int) bool { return v >= least && v <= limit },
		fmt.Sprintf("a whole number from %d to %d", least, limit),
		fmt.Sprintf("%s; %d to %d.", strings.TrimSuffix(doc, "."), least, limit),
	)
}

func numberOf(key string, start int, ok func(int) bool, want, doc string) setting {
	s := typed(setting{key: key, doc: doc, want: want}, start, ok)
	s.read = func(all *Settings, v any) error {
		f, isNumber := v.(float64)
		if !isNumber {
			return s.mismatch(v)
		}
		if f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
			return s.problem(v)
		}
		*fieldOf[int](all, key) = int(f)
		return nil
	}
	return s
}

// list is an array of texts, each once; every element that is wrong is reported.
func list(key string, ok func(string) bool, want, doc string) setting {
	s := of(setting{key: key, doc: doc, want: "an array of " + want}, func(values *[]string) []error {
		var errs []error
		for i, v := range *values {
			switch first := slices.Index(*values, v); {
			case !ok(v):
				errs = append(errs, fmt.Errorf("%s[%d] is %s; want %s", key, i, show(v), want))
			case first < i:
				errs = append(errs, fmt.Errorf("%s[%d] is %s, as %s[%d] is; want each once", key, i, show(v), key, first))
			}
		}
		return errs
	})
	s.read = func(all *Settings, v any) error {
		elements, isArray := v.([]any)
		if !isArray {
			return s.mismatch(v)
		}
		var errs several
		values := make([]string, len(elements))
		for i, e := range elements {
			var isText bool
			if values[i], isText = e.(string); !isText {
				errs = append(errs, fmt.Errorf("%s[%d] is %s; want %s, each in quotation marks", key, i, shape(e), want))
			}
		}
		if len(errs) > 0 {
			return errs
		}
		*fieldOf[[]string](all, key) = values
		return nil
	}
	return s
}

// texts is an object of texts; check reports what is wrong with one entry.
func texts(key string, check func(name, value string) error, want, doc string) setting {
	s := of(setting{
		key:    key,
		doc:    doc,
		want:   want,
		nested: true,
	}, func(values *map[string]string) []error {
		var errs []error
		for _, name := range slices.Sorted(maps.Keys(*values)) {
			if err := check(name, (*values)[name]); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", key, err))
			}
		}
		return errs
	})
	s.read = func(all *Settings, v any) error {
		values, err := textsOf(v)
		if err != nil {
			return fmt.Errorf("%w: %w", s.mismatch(v), err)
		}
		*fieldOf[map[string]string](all, key) = values
		return nil
	}
	return s
}

func textsOf(v any) (map[string]string, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("want an object")
	}
	values := make(map[string]string, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if values[name], ok = object[name].(string); !ok {
			return nil, fmt.Errorf("%s has %s, and not a text", showName(name), shape(object[name]))
		}
	}
	return values, nil
}
