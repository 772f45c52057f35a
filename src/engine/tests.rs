mod forms;
mod urls;
