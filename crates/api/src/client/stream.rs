//! Following the event stream: server-sent events, resumed where they broke off.

use std::collections::VecDeque;

use reqwest::{Method, Response};

use super::{Client, ClientError, refusal};
use crate::cursor::Cursor;
use crate::limits;
use crate::problem::Problem;
use crate::wire::EventRecord;

/// The events from some place on. After an error, [`EventStream::next`] connects again and goes on
/// behind the last event it gave out: nothing is lost or repeated.
#[derive(Debug)]
pub struct EventStream {
    client: Client,
    after: Cursor,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    response: Response,
    parser: Parser,
}

impl EventStream {
    pub(super) fn new(client: Client, after: Cursor) -> Self {
        Self { client, after, open: None }
    }

    /// The place behind the last event given out.
    pub fn cursor(&self) -> Cursor {
        self.after
    }

    /// The next event, whenever it happens; `None` when the node ended the stream because it
    /// stops.
    ///
    /// # Errors
    ///
    /// The connection broke or the node refused. The next call tries again.
    pub async fn next(&mut self) -> Result<Option<EventRecord>, ClientError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.connect().await?,
        };
        let found = open.next(&self.client).await?;
        if let Some(record) = &found {
            self.after = record.cursor;
            self.open = Some(open);
        }
        Ok(found)
    }

    async fn connect(&self) -> Result<Open, ClientError> {
        let request = self.client.request(Method::GET, "v1/events/stream");
        let request = request.header("last-event-id", self.after.to_string());
        // A stream that sends not even its comments is dead.
        let response = self.client.send(request).await?;
        if !response.status().is_success() {
            return Err(refusal(&self.client.body(response).await?));
        }
        Ok(Open { response, parser: Parser::default() })
    }
}

impl Open {
    async fn next(&mut self, client: &Client) -> Result<Option<EventRecord>, ClientError> {
        loop {
            if let Some(message) = self.parser.ready.pop_front() {
                return record(&message).map(Some);
            }
            let chunk = tokio::time::timeout(limits::STREAM_KEEP_ALIVE * 3, self.response.chunk());
            let silent = |_| ClientError::BrokenStream("the node has gone silent".into());
            match chunk.await.map_err(silent)? {
                Ok(None) => return Ok(None),
                Ok(Some(chunk)) => self.parser.push(&chunk)?,
                Err(source) => return Err(ClientError::unreachable(&client.base, source)),
            }
        }
    }
}

fn record(message: &Message) -> Result<EventRecord, ClientError> {
    let unexpected = |source| ClientError::Unexpected { source };
    match message.name.as_str() {
        "" => serde_json::from_str(&message.data).map_err(unexpected),
        _ => {
            let problem = serde_json::from_str::<Problem>(&message.data).map_err(unexpected)?;
            Err(ClientError::Refused(problem))
        }
    }
}

/// One server-sent event.
#[derive(Debug, Default, PartialEq, Eq)]
struct Message {
    name: String,
    data: String,
}

/// Cuts bytes into messages: lines of `field: value`, ended by an empty line. The server writes
/// line feeds only and never splits data over lines.
#[derive(Debug, Default)]
struct Parser {
    line: Vec<u8>,
    message: Message,
    ready: VecDeque<Message>,
}

impl Parser {
    fn push(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.len() > limits::STREAM_EVENT_BYTES_MAX {
                return Err(ClientError::TooLong { limit: limits::STREAM_EVENT_BYTES_MAX });
            }
            if self.line.ends_with(b"\n") {
                self.end_line()?;
            }
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), ClientError> {
        let line = std::mem::take(&mut self.line);
        let text = std::str::from_utf8(&line);
        let text = text.map_err(|error| ClientError::BrokenStream(error.to_string()))?.trim_end();
        match text.split_once(':') {
            _ if text.is_empty() => self.end_message(),
            Some(("event", name)) => self.message.name = name.trim_start().to_owned(),
            Some(("data", data)) => self.message.data = data.trim_start().to_owned(),
            // Comments, and the id that the record carries too.
            _ => {}
        }
        Ok(())
    }

    fn end_message(&mut self) {
        let message = std::mem::take(&mut self.message);
        if !message.data.is_empty() {
            self.ready.push_back(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(chunks: &[&str]) -> Vec<(String, String)> {
        let mut parser = Parser::default();
        for chunk in chunks {
            parser.push(chunk.as_bytes()).expect("well-formed");
        }
        parser.ready.into_iter().map(|message| (message.name, message.data)).collect()
    }

    #[test]
    fn messages_come_out_however_the_bytes_are_cut() {
        let text = "id: 1-1\ndata: {\"a\":1}\n\n: comment\n\nevent: problem\ndata: {}\n\n";
        let expected = parse(&[text]);
        assert_eq!(expected.len(), 2);
        assert_eq!(expected[0], (String::new(), "{\"a\":1}".to_owned()));
        assert_eq!(expected[1], ("problem".to_owned(), "{}".to_owned()));
        for cut in 0..text.len() {
            assert_eq!(parse(&[&text[..cut], &text[cut..]]), expected, "{cut}");
        }
    }

    #[test]
    fn an_endless_line_is_given_up() {
        let mut parser = Parser::default();
        let piece = vec![b'x'; limits::STREAM_EVENT_BYTES_MAX];
        parser.push(&piece).expect("just within the limit");
        assert!(matches!(parser.push(b"x"), Err(ClientError::TooLong { .. })));
    }
}
