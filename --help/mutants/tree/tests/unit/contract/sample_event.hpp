// A small event for the contract's tests: one student form with a roster, one teacher form.
#pragma once

#include <string>

namespace mogiri {

inline const std::string sample_event = R"({
  "slug": "fest", "name": {"ja": "音楽祭", "en": "Festival"}, "contact": "contact@example.jp", "number": 1, "version": 3,
  "day": [
    {"number": 1, "date": "2026-06-20", "opens": "09:00", "closes": "16:00", "opens_ms": 1000, "closes_ms": 2000, "name": {"ja": "1日目", "en": "Day 1"}},
    {"number": 2, "date": "2026-06-21", "opens": "09:00", "closes": "16:00", "opens_ms": 3000, "closes_ms": 4000, "name": {"ja": "2日目", "en": "Day 2"}}],
  "kind": [{"id": "guest", "name": {"ja": "来場者", "en": "Guest"}, "layout": "a"}, {"id": "staff", "name": {"ja": "係", "en": "Staff"}, "layout": "a", "allowance": 2}],
  "gate": [{"number": 1, "id": "main", "name": {"ja": "正門", "en": "Main gate"}}, {"number": 2, "id": "back", "name": {"ja": "裏門", "en": "Back gate"}, "kinds": ["staff"]}],
  "form": [
    {"id": "student", "name": {"ja": "生徒", "en": "Student"}, "kind": "guest", "limit": 2, "applicant": "{school_grades}{classes}{student_number:02}",
     "field": [
       {"name": "last_name", "type": "roman", "label": {"ja": "姓", "en": "Last name"}, "max": 50},
       {"name": "email", "type": "email", "confirm": true, "label": {"ja": "メール", "en": "E-mail"}},
       {"name": "school_grades", "type": "choice", "label": {"ja": "学年", "en": "Grade"}, "choices": [{"value": "S2", "label": {"ja": "高2", "en": "S2"}}, {"value": "J1", "label": {"ja": "中1", "en": "J1"}}]},
       {"name": "classes", "type": "choice", "label": {"ja": "組", "en": "Class"}, "choices": [{"value": "E", "label": {"ja": "E", "en": "E"}}]},
       {"name": "student_number", "type": "number", "min": 1, "max": 50, "label": {"ja": "番号", "en": "Number"}},
       {"name": "ticket_quantity", "type": "quantity", "min": 1, "max": 2, "label": {"ja": "枚数", "en": "Tickets"}},
       {"name": "guests", "type": "guests", "max": 40, "label": {"ja": "来場者", "en": "Guests"}}],
     "roster": {"number": "student_number", "group": ["school_grades", "classes"], "sizes": {"S2E": 32}}},
    {"id": "teacher", "name": {"ja": "教員", "en": "Teacher"}, "kind": "staff", "limit": 10, "applicant": "{email:local}",
     "field": [
       {"name": "email", "type": "email", "label": {"ja": "メール", "en": "E-mail"}},
       {"name": "ticket_quantity", "type": "quantity", "min": 1, "max": 10, "label": {"ja": "枚数", "en": "Tickets"}},
       {"name": "guests", "type": "guests", "max": 40, "label": {"ja": "来場者", "en": "Guests"}}]}]
})";

} // namespace mogiri
