package cloudformation

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

func (s *Stack) join(arg any) (any, error) {
	parts, _ := arg.([]any)
	if len(parts) != 2 {
		return nil, errors.New("Fn::Join: want a delimiter and a list")
	}
	delimiter, ok := parts[0].(string)
	list, isList := parts[1].([]any)
	if !ok || !isList {
		return nil, errors.New("Fn::Join: want a delimiter and a list")
	}
	texts := make([]string, len(list))
	for i, item := range list {
		v, err := s.eval(item)
		if err != nil {
			return nil, err
		}
		if texts[i], ok = text(v); !ok {
			return nil, fmt.Errorf("Fn::Join: element %d is no text", i)
		}
	}
	return s.dynamic(strings.Join(texts, delimiter))
}

var subVariable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{([^}]*)\}`) })

func (s *Stack) sub(arg any) (any, error) {
	format, ok := arg.(string)
	values := map[string]any{}
	if list, isList := arg.([]any); isList && len(list) == 2 {
		format, ok = list[0].(string)
		values, _ = list[1].(map[string]any)
	}
	if !ok {
		return nil, errors.New("Fn::Sub: want a text, or a text and values")
	}
	var errs []error
	out := subVariable().ReplaceAllStringFunc(format, func(m string) string {
		name := m[2 : len(m)-1]
		if literal, isLiteral := strings.CutPrefix(name, "!"); isLiteral {
			return "${" + literal + "}"
		}
		v, err := s.subValue(name, values)
		if err != nil {
			errs = append(errs, err)
		}
		out, _ := text(v)
		return out
	})
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("Fn::Sub: %w", err)
	}
	return s.dynamic(out)
}

func (s *Stack) subValue(name string, values map[string]any) (any, error) {
	if v, ok := values[name]; ok {
		return s.eval(v)
	}
	if strings.Contains(name, ".") {
		return s.getAtt(name)
	}
	return s.ref(name)
}
