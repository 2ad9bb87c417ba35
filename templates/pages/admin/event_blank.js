// What a new event begins with: one day, one kind of ticket, one gate, one form that asks for no more than a ticket needs.

const both = (ja, en) => ({ ja, en });

export function blankEvent({ slug, ja, en, date, contact }, layout = "musicfes") {
  return {
    slug, name: both(ja.trim() || en.trim(), en.trim() || ja.trim()), contact, state: "draft", form_seconds: 2,
    day: [{ number: 1, date, opens: "09:00", closes: "17:00", name: both("1日目", "Day 1") }],
    kind: [{ id: "guest", name: both("招待券", "Guest"), allowance: 1, layout, capacity: 0 }],
    gate: [{ number: 1, id: "main", name: both("正門", "Main gate"), kinds: [] }],
    form: [{
      id: "guest", name: both("申込フォーム", "Application"), kind: "guest", limit: 2, applicant: "{email}",
      field: [
        { name: "email", type: "email", label: both("メールアドレス", "E-mail address"), help: both("入場券はこのアドレスに届きます", "The tickets are sent to this address"), confirm: true },
        { name: "ticket_quantity", type: "quantity", label: both("申込枚数", "Number of tickets"), min: 1, max: 2 },
        { name: "guestName", type: "guests", label: both("来場者のお名前", "Guest's name"), help: both("入場券に印刷されます", "Printed on the ticket"), min: 1, max: 60 },
      ],
    }],
  };
}
